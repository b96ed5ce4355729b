public import DeepSeekCheckpoints
public import DeepSeekDynamic
import DeepSeekTensor
import Foundation
public import DeepSeekJSON

/// Checkpoints of a training run: folders `step-<number>` in one folder, the last few kept.
///
/// Each holds the model's weights (`model.safetensors`, under the modules' keys), the optimizer's state, and where training
/// stood. A folder appears when all of it is on the disk, and only then is the oldest removed.
public struct Saver: Sendable {
  /// A checkpoint on the disk.
  public struct Entry: Sendable, Hashable {
    /// Optimizer steps made when it was written.
    public let step: Int
    /// Its folder.
    public let path: String

    init(_ entry: CheckpointSeries.Entry) {
      step = entry.step
      path = entry.path
    }
  }

  /// Where checkpoints go; made when the first is written.
  public var folder: String { series.folder }
  /// How many are kept.
  public var keeping: Int { series.keeping }
  /// After how many steps ``saveIfDue(_:_:step:epoch:values:)`` writes one.
  public let interval: Int
  private let series: CheckpointSeries

  /// Checkpoints in a folder. Traps when `keeping` or `interval` is less than 1.
  public init(_ folder: String, keeping: Int = 5, every interval: Int = 1) {
    if keeping < 1 || interval < 1 {
      fatalError("Saver: keeping \(keeping), every \(interval); at least 1 is expected")
    }
    series = CheckpointSeries(folder, keeping: keeping)
    self.interval = interval
  }

  /// The checkpoints that are there, oldest first. Throws `CheckpointError` when the folder cannot be read.
  public func checkpoints() throws -> [Entry] { try series.checkpoints().map(Entry.init) }

  /// Writes a checkpoint, and removes the oldest beyond ``keeping``. One of the same step is replaced.
  ///
  /// - Returns: Where it was written.
  /// - Throws: `CheckpointError`.
  @discardableResult
  public func save(
    _ model: any Module, _ optimizer: Optimizer? = nil, step: Int, epoch: Int = 0, values: JSONObject = JSONObject()
  ) throws -> Entry {
    let entry = try series.write(step: step) { writer in
      try writer.add(model.stateDictionary())
      if let optimizer { try writer.add(optimizer.stateDictionary(), group: Saver.optimizerGroup) }
      writer.trainingState = TrainingState(step: step, epoch: epoch, values: values)
    }
    return Entry(entry)
  }

  /// Writes a checkpoint when the step is a multiple of ``interval``; otherwise does nothing and returns `nil`.
  @discardableResult
  public func saveIfDue(
    _ model: any Module, _ optimizer: Optimizer? = nil, step: Int, epoch: Int = 0, values: JSONObject = JSONObject()
  ) throws -> Entry? {
    step % interval == 0 ? try save(model, optimizer, step: step, epoch: epoch, values: values) : nil
  }

  /// Puts the newest checkpoint back into a model and its optimizer, its files' digests compared first.
  ///
  /// - Returns: Where training stood; `nil`, with nothing changed, when there is no checkpoint.
  /// - Throws: `CheckpointError` when it is damaged, `StateLoadingError` when it does not fit.
  @discardableResult
  public func restoreLatest(into model: any Module, _ optimizer: Optimizer? = nil) throws -> TrainingState? {
    guard let latest = try checkpoints().last else { return nil }
    return try restore(latest, into: model, optimizer)
  }

  /// Puts a checkpoint back; see ``restoreLatest(into:_:)``.
  @discardableResult
  public func restore(
    _ entry: Entry, into model: any Module, _ optimizer: Optimizer? = nil
  ) throws -> TrainingState {
    let checkpoint = try CheckpointFolder.open(entry.path)
    try checkpoint.verify()
    try model.load(Saver.state(checkpoint.tensors()))
    if let optimizer, checkpoint.contains(group: Saver.optimizerGroup) {
      try optimizer.load(Saver.state(checkpoint.tensors(Saver.optimizerGroup)))
    }
    return checkpoint.manifest.trainingState ?? TrainingState(step: entry.step, epoch: 0)
  }

  /// Removes the newest checkpoint; does nothing when there is none. Throws `CheckpointError`.
  public func removeLatest() throws { try series.removeLatest() }

  /// The tensors, in memory of their own: a checkpoint's folder may be removed while they are in use.
  private static func state(_ checkpoint: Checkpoint) throws -> StateDictionary {
    var state = StateDictionary()
    for name in checkpoint.names { state[name] = try checkpoint.tensor(name) }
    return state
  }

  private static let optimizerGroup = "optimizer"
}
