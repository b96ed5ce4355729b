import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Losses, which models in training have.
  static let losses: [ONNXOperator] = [
    ONNXOperator(
      "NegativeLogLikelihoodLoss", 2...3,
      tensor: { try $0.negativeLogLikelihood(of: $0.tensor(0), weight: $0.optional(2)) }),
    ONNXOperator(
      "SoftmaxCrossEntropyLoss", 2...3,
      values: { node in
        let logits = try node.tensor(0)
        guard logits.rank >= 2 else { throw node.invalid("\(logits.spec); [batch, classes, …] is expected") }
        let logarithms = try node.apply(SoftmaxOperator(1, isLogarithm: true), logits)
        let loss = try node.negativeLogLikelihood(of: logarithms, weight: node.optional(2))
        return [ImportedValue(loss), ImportedValue(logarithms)]
      }),
  ]
}

extension ONNXNode {
  /// Of logarithms `[batch, classes, …]` and the classes `[batch, …]` of the second input.
  fileprivate func negativeLogLikelihood(of x: Tensor, weight: Tensor?) throws -> Tensor {
    let classes = try cast(tensor(1), to: .int64)
    guard x.rank >= 2, classes.shape == x.shape.removing(1) else {
      throw invalid("\(x.spec) and classes \(classes.spec); [batch, classes, …] and [batch, …] are expected")
    }
    let ignored = attributes["ignore_index"] == nil ? nil : try int("ignore_index")
    let counts = try ignored.map {
      try binary(.notEqual, classes, Tensor.full([], $0, dtype: .int64))
    }
    // A class that does not count may be no index.
    let index = try counts.map { try chosen($0, classes, Tensor.full([], 0, dtype: .int64)) } ?? classes
    let wide = try reshaped(index, x.shape.replacing(1, with: 1).dimensions)
    let picked = try reshaped(unary(.negate, apply(GatherOperator(1), x, wide)), classes.shape.dimensions)
    var share = try weight.map { weight -> Tensor in
      guard weight.rank == 1, weight.dtype == x.dtype else { throw invalid("weight \(weight.spec)") }
      return try gathered(weight, index, 0)
    }
    if let counts {
      let zero = try scalar(0, x.dtype)
      share = try chosen(counts, share ?? scalar(1, x.dtype), zero)
    }
    let loss = try share.map { try binary(.multiply, picked, $0) } ?? picked
    let all = Array(0..<loss.rank)
    switch try string("reduction", default: "mean") {
    case "none": return loss
    case "sum": return try reduced(.sum, loss, all, keepsAxes: false)
    case "mean":
      guard let share else { return try reduced(.mean, loss, all, keepsAxes: false) }
      let total = try reduced(.sum, broadcast(share, to: loss.shape), all, keepsAxes: false)
      return try binary(.divide, reduced(.sum, loss, all, keepsAxes: false), total)
    case let other: throw invalid("reduction '\(other)'")
    }
  }
}
