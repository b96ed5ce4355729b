import DeepSeekCheckpoints
public import DeepSeekDynamic
import DeepSeekTensor
public import Foundation

extension BertModel {
  /// The encoder in a model folder: `config.json` and `model.safetensors`, sharded or not. Weights stay in the mapped file
  /// until they are read.
  ///
  /// Keys may bear the family's prefix (`bert.`), as a classifier's do; heads of other tasks are left out.
  public static func load(contentsOf folder: URL) throws -> BertModel {
    let configuration = try BertConfiguration(contentsOf: folder)
    let state = try BertWeights(contentsOf: folder, configuration.family)
    let hasPooler = state.encoder["pooler.dense.weight"] != nil
    let model = Initializer.withoutValues { BertModel(configuration, withPooler: hasPooler) }
    try model.load(state.encoder)
    return model
  }
}

extension BertForSequenceClassification {
  /// The classifier in a model folder. A folder that holds an encoder alone gets a fresh classifier, and a fresh pooler if it
  /// has none, from the current ``RandomGenerator``; `report` then lists their keys as missing.
  public static func load(
    contentsOf folder: URL, labelCount: Int? = nil
  ) throws -> (model: BertForSequenceClassification, report: StateLoadingReport) {
    var configuration = try BertConfiguration(contentsOf: folder)
    if let labelCount { configuration.labelCount = labelCount }
    guard configuration.family == .bert else {
      throw ModelError.unsupported(
        file: folder.appendingPathComponent("config.json").path, field: "model_type",
        value: configuration.family.rawValue, supported: [BertFamily.bert.rawValue])
    }
    let weights = try BertWeights(contentsOf: folder, configuration.family)
    let model = BertForSequenceClassification(configuration)
    var state = StateDictionary()
    for (key, tensor) in weights.encoder { state["bert.\(key)"] = tensor }
    for (key, tensor) in weights.head where key.hasPrefix("classifier.") { state[key] = tensor }
    let report = try model.load(state, options: [.allowsMissing])
    let fresh = ["classifier.", "bert.pooler."]
    if let missing = report.missing.first(where: { key in !fresh.contains { key.hasPrefix($0) } }) {
      throw ModelError.missingWeight(folder: folder.path, key: missing)
    }
    return (model, report)
  }
}

/// The weights of a BERT folder: the encoder's under their bare keys, and everything else.
struct BertWeights {
  var encoder = StateDictionary()
  var head = StateDictionary()

  init(contentsOf folder: URL, _ family: BertFamily) throws {
    let checkpoint = try Checkpoint.load(folder.path)
    let prefix = family.prefix
    let hasPrefix = checkpoint.names.contains { $0.hasPrefix(prefix) }
    for name in checkpoint.names {
      // A table of positions from 0, which follows from the configuration.
      if name.hasSuffix("position_ids") { continue }
      let tensor = try checkpoint.tensor(name)
      if hasPrefix && !name.hasPrefix(prefix) {
        head[name] = tensor
      } else {
        encoder[family.key(hasPrefix ? String(name.dropFirst(prefix.count)) : name)] = tensor
      }
    }
  }
}
