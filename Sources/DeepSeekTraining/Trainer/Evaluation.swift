public import DeepSeekData
import DeepSeekOperators
import DeepSeekTensor

/// What a model is judged by while it is trained.
public struct Evaluation<Batch: Sendable> {
  enum Source {
    case batches(Dataset<Batch>)
    case scores(() throws -> [String: Double])
  }

  let source: Source

  /// The mean loss over these batches, and the accuracy where the objective is cross-entropy: `loss`, `accuracy`.
  public init(_ batches: Dataset<Batch>) { source = .batches(batches) }

  /// Scores of one's own, by name. The function runs without gradients, with the model in evaluation mode.
  public init(_ scores: @escaping () throws -> [String: Double]) { source = .scores(scores) }

  /// The scores of the model as it is.
  func scores(_ objective: Objective<Batch>, _ arguments: TrainingArguments) throws -> [String: Double] {
    switch source {
    case .scores(let scores): return try scores()
    case .batches(let batches):
      guard let outputs = objective.outputs else {
        var (lossSum, weight) = (0.0, 0.0)
        try batches.forEach { batch in
          let loss = try objective.loss(batch, arguments)
          if loss.weight == 0 { return }
          lossSum += loss.mean.item(as: Double.self) * loss.weight
          weight += loss.weight
        }
        return ["loss": weight > 0 ? lossSum / weight : .nan]
      }
      var sums = EvaluationSums()
      try batches.forEach { batch in
        let (logits, targets) = try outputs(batch)
        sums.add(objective.judge(logits, targets))
      }
      return sums.scores
    }
  }
}

/// What batches came to by cross-entropy, together.
struct EvaluationSums {
  private var (lossSum, hits, count) = (0.0, 0, 0)

  mutating func add(_ judged: (lossSum: Double, hits: Int, count: Int)) {
    lossSum += judged.lossSum
    hits += judged.hits
    count += judged.count
  }

  /// NaN where no target counts.
  var scores: [String: Double] {
    ["loss": lossSum / Double(count), "accuracy": Double(hits) / Double(count)]
  }
}

extension Objective {
  /// The sum of the losses, without smoothing, how many targets were predicted, and how many there are.
  func judge(_ logits: Tensor, _ targets: Tensor) -> (lossSum: Double, hits: Int, count: Int) {
    let counted = targets.notEqual(to: Double(ignoreIndex))
    let hits = logits.argmax(axis: -1).equal(to: targets).logicalAnd(counted)
    return (
      logits.crossEntropy(targets, ignoreIndex: ignoreIndex, reduction: .sum).item(as: Double.self),
      hits.cast(to: .int64).sum().item(as: Int.self), counted.cast(to: .int64).sum().item(as: Int.self)
    )
  }
}
