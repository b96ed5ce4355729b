public import DeepSeekData
import DeepSeekOperators
public import DeepSeekTensor

/// What a model says of batches, beside what was expected.
public struct Prediction: Sendable {
  /// Logits `[…, classes]`, batch by batch.
  public let logits: [Tensor]
  /// The targets `[…]` of the same batches.
  public let targets: [Tensor]
  /// The mean `loss` over all of them, without label smoothing, and the `accuracy`.
  public let scores: [String: Double]

  /// The classes with the largest logits `[…]`, batch by batch.
  public var classes: [Tensor] { logits.map { $0.argmax(axis: -1) } }
}

extension Trainer {
  /// What the model as it is, or the average of its weights where one is kept, says of these batches, in evaluation mode and
  /// without gradients. Nothing of the run changes.
  ///
  /// Throws ``TrainingError`` where the objective is not cross-entropy: a loss of one's own says nothing but the loss.
  public func predict(_ batches: Dataset<Batch>) throws -> Prediction {
    guard let outputs = objective.outputs else {
      throw TrainingError("predict: the trainer's objective is a loss of one's own; one by cross-entropy is needed")
    }
    return try judging {
      var (logits, targets): ([Tensor], [Tensor]) = ([], [])
      var sums = EvaluationSums()
      try batches.forEach { batch in
        let (found, expected) = try outputs(batch)
        sums.add(objective.judge(found, expected))
        logits.append(found)
        targets.append(expected)
      }
      return Prediction(logits: logits, targets: targets, scores: sums.scores)
    }
  }
}
