/// Where a training run stands: all counts that it needs to go on.
public struct TrainingProgress: Sendable, Hashable, Codable {
  /// Optimizer steps made.
  public internal(set) var step = 0
  /// Epochs completed.
  public internal(set) var epoch = 0
  /// Batches read, over all epochs.
  public internal(set) var batches = 0
  /// Batches read in this epoch.
  public internal(set) var batchesInEpoch = 0
  /// What the batches counted together: examples or tokens.
  public internal(set) var weight = 0.0
  /// Steps that were not made because a gradient was not finite in `float16`.
  public internal(set) var skippedSteps = 0
  /// Losses that leapt or were no number.
  public internal(set) var spikes = 0
  /// The best score so far, and the step of its evaluation.
  public internal(set) var bestScore: Double?
  /// The step of the best evaluation.
  public internal(set) var bestStep: Int?
  /// Evaluations in a row without improvement.
  public internal(set) var evaluationsWithoutImprovement = 0
  /// What every learning rate is multiplied by beside the schedule.
  public internal(set) var learningRateFactor = 1.0
  /// Whether something ended the training for good.
  public internal(set) var isStopped = false
  /// Losses since the last log entry, and this epoch's.
  var sinceLog = LossMean()
  var inEpoch = LossMean()

  /// The mean of this epoch's losses so far.
  public var epochLoss: Double { inEpoch.value }
}

/// A weighted mean.
struct LossMean: Sendable, Hashable, Codable {
  private var sum = 0.0
  private var weight = 0.0

  mutating func add(_ loss: Double, _ weight: Double) {
    sum += loss * weight
    self.weight += weight
  }

  var isEmpty: Bool { weight == 0 }

  /// 0 of nothing.
  var value: Double { weight > 0 ? sum / weight : 0 }
}
