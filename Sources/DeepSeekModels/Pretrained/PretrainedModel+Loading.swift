import DeepSeekCheckpoints
import DeepSeekCompression
public import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor
public import Foundation

extension PretrainedModel {
  /// The model in a folder, in evaluation mode. Weights stay in the mapped file until they are read.
  ///
  /// A folder of the family's bare model will do: the head then gets fresh weights from the current ``RandomGenerator``.
  /// So does one of another task, whose head is left out.
  ///
  /// Throws ``ModelError`` or `CheckpointError` that names file and field, or folder and key.
  public static func load(contentsOf folder: URL, options: LoadingOptions = LoadingOptions()) throws -> Self {
    try loadWithReport(contentsOf: folder, options: options).model
  }

  /// The same, and what became of the checkpoint's keys: `missing` are the fresh weights, `unused` what was left out.
  public static func loadWithReport(
    contentsOf folder: URL, options: LoadingOptions = LoadingOptions()
  ) throws -> (model: Self, report: StateLoadingReport) {
    var configuration = try Configuration(contentsOf: folder)
    try check(configuration)
    if let labels = options.labels { configuration.labels = labels }
    let checkpoint = try Checkpoint.load(folder.path)
    let model = Initializer.withoutValues { skeleton(configuration, for: checkpoint.names) }
    let key = model.keys(of: checkpoint)
    let state = try model.currentState(checkpoint, key)
    var loading: StateLoadingOptions = [.allowsMissing, .allowsUnused, .allowsShapeMismatch]
    if options.dtype == nil {
      loading.insert(.keepsElementType)
    } else if let dtype = options.dtype, dtype != .float32 {
      model.convert(to: dtype)
    }
    try model.prepareCompressed(configuration.origin, state, key)
    let report = try model.load(state, options: loading)
    try model.check(report, folder, replacesHead: options.labels != nil)
    model.refresh(Set(report.missing + report.mismatched.map(\.key)))
    model.eval()
    return (model, report)
  }

  /// The model in a folder or of an id; see ``ModelSource``.
  public static func fromPretrained(
    _ pathOrID: String, options: LoadingOptions = LoadingOptions()
  ) throws -> Self {
    try load(contentsOf: ModelSource(pathOrID).folder(), options: options)
  }

  /// This model's key for a checkpoint's: the base prefix is taken away for a bare model, and put before a bare model's keys
  /// for one with a head; `nil` for what is left out.
  private func keys(of checkpoint: Checkpoint) -> (String) -> String? {
    let prefix = basePrefix + "."
    let isBare = !namedParameters().contains { $0.name.hasPrefix(prefix) }
    let isBareCheckpoint = !checkpoint.names.contains { currentKey($0)?.hasPrefix(prefix) == true }
    return { name in
      guard let key = self.currentKey(name) else { return nil }
      // A head's key beside a bare model's must not be taken for one of the bare model's own.
      if isBare && !isBareCheckpoint && !key.hasPrefix(prefix) { return nil }
      if isBare && key.hasPrefix(prefix) { return String(key.dropFirst(prefix.count)) }
      return !isBare && isBareCheckpoint ? prefix + key : key
    }
  }

  /// A checkpoint's tensors under this model's keys.
  private func currentState(_ checkpoint: Checkpoint, _ key: (String) -> String?) throws -> StateDictionary {
    var state = StateDictionary()
    for name in checkpoint.names {
      if let placed = key(name) { state[placed] = try checkpoint.tensor(name) }
    }
    return state
  }

  /// Cuts layers as the folder's configuration says they were, and makes room for whole numbers in those that have few bits.
  private func prepareCompressed(
    _ origin: ModelOrigin?, _ state: StateDictionary, _ key: (String) -> String?
  ) throws {
    guard let origin else { return }
    let suffix = ".weight"
    do {
      if let value = origin.fields[PruningRecord.field], !value.isNull {
        try PruningRecord(value).prepare(self) { key($0 + suffix).map { String($0.dropLast(suffix.count)) } }
      }
      guard let value = origin.fields[QuantizationRecord.field], !value.isNull else { return }
      try QuantizationRecord(value).prepare(self) { layer in
        guard let placed = key(layer + suffix), let weight = state[placed] else { return nil }
        return (String(placed.dropLast(suffix.count)), weight.spec)
      }
    } catch let error as QuantizationError {
      throw ModelError.unreadableFile(
        path: origin.folder.appendingPathComponent("config.json").path, reason: error.description)
    }
  }

  /// The bare model's own weights must all be there, and no others; heads may differ.
  private func check(_ report: StateLoadingReport, _ folder: URL, replacesHead: Bool) throws {
    let prefix = basePrefix + "."
    let isBare = !namedParameters().contains { $0.name.hasPrefix(prefix) }
    func isBase(_ key: String) -> Bool { (isBare || key.hasPrefix(prefix)) && !isOptional(key) }
    if let key = report.missing.first(where: isBase) {
      throw ModelError.missingWeight(folder: folder.path, key: key)
    }
    if let key = report.unused.first(where: isBase) {
      throw ModelError.unexpectedWeight(folder: folder.path, key: key)
    }
    if let wrong = report.mismatched.first(where: { !replacesHead || isBase($0.key) }) {
      throw ModelError.wrongShape(
        folder: folder.path, key: wrong.key, expected: "\(wrong.expected)", found: "\(wrong.found)")
    }
  }

  /// Gives weights that the checkpoint lacks their first values.
  private func refresh(_ keys: Set<String>) {
    guard !keys.isEmpty else { return }
    for named in namedParameters(keepingDuplicates: true) where keys.contains(named.name) {
      named.parameter.value = initialValue(of: named.name, named.parameter.spec)
    }
  }
}
