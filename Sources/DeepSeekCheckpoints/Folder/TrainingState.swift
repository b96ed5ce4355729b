public import DeepSeekJSON

/// Where a training run stood when a checkpoint was written. Tensors that belong to it (the optimizer's moments, averaged
/// weights) are files of the folder; this is what fits in a line.
public struct TrainingState: Sendable, Equatable {
  /// Optimizer steps made.
  public var step: Int
  /// Passes over the data completed.
  public var epoch: Int
  /// Anything else that the trainer needs to go on: the random generator's counter, the schedule, the best score.
  public var values: JSONObject

  /// A state.
  public init(step: Int, epoch: Int, values: JSONObject = JSONObject()) {
    self.step = step
    self.epoch = epoch
    self.values = values
  }

  var json: JSONValue { ["step": .integer(step), "epoch": .integer(epoch), "values": .object(values)] }

  init?(_ json: JSONValue) {
    guard let step = json["step"]?.integer, let epoch = json["epoch"]?.integer, step >= 0, epoch >= 0 else {
      return nil
    }
    self.init(step: step, epoch: epoch, values: json["values"]?.object ?? JSONObject())
  }
}
