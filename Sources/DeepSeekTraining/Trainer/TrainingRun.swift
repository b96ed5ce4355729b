public import DeepSeekDynamic

/// A training run as callbacks see it, and what they can ask of it. For the thread that trains.
public final class TrainingRun {
  /// The model.
  public let model: any Module
  /// What moves its weights.
  public let optimizer: Optimizer
  /// How it is trained.
  public internal(set) var arguments: TrainingArguments
  /// Where it stands.
  public internal(set) var progress = TrainingProgress()
  /// Steps of the whole run; `nil` when they follow from the data alone.
  public internal(set) var totalSteps: Int?
  /// Batches of an epoch; `nil` when nobody counted them.
  public internal(set) var batchesPerEpoch: Int?
  /// The average of the weights, when one is kept.
  public internal(set) var average: WeightAverage?
  var wantsEvaluation = false
  var wantsCheckpoint = false

  init(_ model: any Module, _ optimizer: Optimizer, _ arguments: TrainingArguments) {
    self.model = model
    self.optimizer = optimizer
    self.arguments = arguments
    // A decay that is none is refused when training begins.
    average = arguments.averagingDecay.flatMap { (0..<1).contains($0) ? WeightAverage(model, decay: $0) : nil }
  }

  /// Ends training after this step.
  public func stop() { progress.isStopped = true }

  /// Asks for an evaluation after this step.
  public func requestEvaluation() { wantsEvaluation = true }

  /// Asks for a checkpoint after this step, where checkpoints are written.
  public func requestCheckpoint() { wantsCheckpoint = true }

  /// What every learning rate is multiplied by beside the schedule, from the next step on; part of every checkpoint.
  public var learningRateFactor: Double {
    get { progress.learningRateFactor }
    set { progress.learningRateFactor = newValue }
  }

  /// Epochs made, with the part of the present one; whole ones alone when nobody knows how long an epoch is.
  public var epochsDone: Double {
    guard let batchesPerEpoch, batchesPerEpoch > 0 else { return Double(progress.epoch) }
    return Double(progress.epoch) + Double(progress.batchesInEpoch) / Double(batchesPerEpoch)
  }

  /// The share of the whole run that is done, from 0 to 1; `nil` when its length is not known.
  public var share: Double? {
    if let totalSteps, totalSteps > 0 { return Swift.min(Double(progress.step) / Double(totalSteps), 1) }
    guard let batchesPerEpoch, batchesPerEpoch > 0, arguments.maximumSteps == nil else { return nil }
    return Swift.min(Double(progress.batches) / Double(batchesPerEpoch * arguments.epochs), 1)
  }
}
