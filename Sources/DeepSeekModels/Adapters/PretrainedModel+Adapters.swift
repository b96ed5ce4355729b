import DeepSeekCheckpoints
public import DeepSeekDynamic
public import Foundation

extension PretrainedModel {
  /// Where adapters are put when nobody says: queries and values, under the family's names, as `peft` has it; in GPT-2 the
  /// one product that makes both. Every fully connected layer of a family that has none of these.
  public var usualAdapterTargets: LoRAConfiguration.Targets {
    let names = namedModules().filter { $0.module is any AdaptableLayer }.map(\.name)
    let candidates = [["query", "value"], ["q_lin", "v_lin"], ["q_proj", "v_proj"], ["c_attn"]]
    let found = candidates.first { $0.allSatisfy { name in names.contains { $0.hasSuffix(".\(name)") } } }
    return found.map { .names($0) } ?? .allLinear
  }

  /// The modules of a head that starts from nothing and is trained whole beside an adapter: `classifier`, and what belongs to
  /// it.
  public var usualModulesToSave: [String] {
    let names = Set(namedModules().map(\.name))
    return ["pre_classifier", "classifier", "score", "qa_outputs"].filter { names.contains($0) }
  }

  /// Merges the adapter in a folder into the weights, so that the model is as fast as it was; see ``adapted(by:)``.
  public func merge(adapterIn path: String) throws {
    try adapted(by: URL(fileURLWithPath: path, isDirectory: true)).mergeAndRemove()
  }

  /// Puts the adapter in a folder on this model; see `Adapters.load(contentsOf:as:keys:)`. One that belongs to a model with a
  /// head goes on the bare model too, without what it has of the head.
  ///
  /// Throws ``ModelError`` or `AdapterError`, and changes nothing, when folder and model do not fit.
  public func adapted(by folder: URL) throws -> Adapters {
    let adapters = Adapters(self)
    let isBare = !namedModules().contains { $0.name == basePrefix }
    let isOfHeaded = try Adapters.fileHasKeys(in: folder, beginningWith: "\(basePrefix).")
    try adapters.load(contentsOf: folder, keys: isBare && isOfHeaded ? .prefixed("\(basePrefix).") : .same)
    return adapters
  }
}
