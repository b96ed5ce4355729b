import DeepSeekOperators
public import DeepSeekTensor

/// The loss of a batch, and what the batch counts.
public struct BatchLoss {
  /// The mean loss, a scalar.
  public let mean: Tensor
  /// What it is the mean of: examples, or tokens. Batches that are gathered into a step count by it.
  public let weight: Double

  /// A mean over so many.
  public init(mean: Tensor, weight: Double) {
    self.mean = mean
    self.weight = weight
  }

  /// A mean over so many.
  public init(mean: Tensor, weight: Int) { self.init(mean: mean, weight: Double(weight)) }
}

/// What training makes small: how a batch becomes a loss.
public struct Objective<Batch: Sendable> {
  /// Logits `[…, classes]` and their targets `[…]`.
  typealias Outputs = (logits: Tensor, targets: Tensor)

  let loss: (Batch, TrainingArguments) throws -> BatchLoss
  /// The logits of an objective by cross-entropy, for evaluation.
  let outputs: ((Batch) throws -> Outputs)?
  let ignoreIndex: Int

  /// A loss of one's own.
  public static func loss(_ loss: @escaping (Batch) throws -> BatchLoss) -> Objective {
    Objective(
      loss: { batch, arguments in
        if arguments.labelSmoothing != 0 {
          fatalError(
            "Trainer: labels are smoothed by an objective by cross-entropy; a loss of one's own smooths itself")
        }
        return try loss(batch)
      }, outputs: nil, ignoreIndex: -100)
  }

  /// Cross-entropy of logits `[…, classes]` and class indices `[…]`, with the arguments' label smoothing. Targets equal to
  /// `ignoreIndex` count nothing; the batch counts by the others.
  ///
  /// An evaluation over batches gives the accuracy beside the loss.
  public static func crossEntropy(
    ignoreIndex: Int = -100, _ outputs: @escaping (Batch) throws -> (logits: Tensor, targets: Tensor)
  ) -> Objective {
    Objective(
      loss: { batch, arguments in
        let (logits, targets) = try outputs(batch)
        let weight = targets.notEqual(to: Double(ignoreIndex)).cast(to: .int64).sum().item(as: Int.self)
        let mean = logits.crossEntropy(
          targets, labelSmoothing: arguments.labelSmoothing, ignoreIndex: ignoreIndex)
        return BatchLoss(mean: mean, weight: weight)
      }, outputs: outputs, ignoreIndex: ignoreIndex)
  }
}
