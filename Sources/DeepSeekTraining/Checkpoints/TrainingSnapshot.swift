import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor

/// All that a training run needs to go on from a moment, as values: taking one costs nothing, and what changes afterwards is
/// copied once.
struct TrainingSnapshot: Sendable {
  /// The weights and buffers.
  let model: StateDictionary
  /// Moments, precise copies, counts.
  let optimizer: StateDictionary
  /// The averaged weights, when there are any.
  let average: StateDictionary?
  /// The best weights so far, when they are kept in memory.
  let best: StateDictionary?
  /// Where the run stands, and what fits in a line: the data's position, the loss scale, the callbacks' states.
  let state: TrainingState

  private static let optimizerGroup = "optimizer"
  private static let averageGroup = "average"

  private static let bestGroup = "best"

  init(
    model: StateDictionary, optimizer: StateDictionary, average: StateDictionary?, best: StateDictionary?,
    state: TrainingState
  ) {
    self.model = model
    self.optimizer = optimizer
    self.average = average
    self.best = best
    self.state = state
  }

  /// Adds the files of a checkpoint.
  func write(to writer: CheckpointFolder.Writer) throws {
    writer.trainingState = state
    try writer.add(model)
    try writer.add(optimizer, group: TrainingSnapshot.optimizerGroup)
    if let average { try writer.add(average, group: TrainingSnapshot.averageGroup) }
    if let best { try writer.add(best, group: TrainingSnapshot.bestGroup) }
  }

  /// Reads a checkpoint, its files' digests compared first. The tensors lie in memory of their own: the folder may be
  /// replaced by the next checkpoint while they are in use.
  init(contentsOf path: String) throws {
    let folder = try CheckpointFolder.open(path)
    try folder.verify()
    guard let state = folder.manifest.trainingState else {
      throw TrainingError("\(path): the checkpoint has no training state to resume from")
    }
    self.state = state
    model = try TrainingSnapshot.tensors(folder, "model")
    optimizer = try TrainingSnapshot.tensors(folder, TrainingSnapshot.optimizerGroup)
    func optional(_ group: String) throws -> StateDictionary? {
      folder.contains(group: group) ? try TrainingSnapshot.tensors(folder, group) : nil
    }
    average = try optional(TrainingSnapshot.averageGroup)
    best = try optional(TrainingSnapshot.bestGroup)
  }

  private static func tensors(_ folder: CheckpointFolder, _ group: String) throws -> StateDictionary {
    try StateDictionary(
      folder.tensors(group).tensors().mapValues { tensor in
        let copy = Tensor(uninitialized: tensor.dtype, tensor.shape)
        tensor.copyElements(to: copy)
        return copy
      })
  }
}
