import DeepSeekOperators
import DeepSeekTensor
import Foundation

extension ONNXOperator {
  /// Steps of optimizers, of the domain for training.
  static let updates: [ONNXOperator] = [
    update("Momentum", states: 1) { node, step, tensors in
      let (x, velocity) = (tensors[0], tensors[2])
      let (alpha, beta) = (try node.float("alpha"), try node.float("beta"))
      let gradient = try node.regularized(x, tensors[1])
      let next = try node.binary(
        .add, node.unary(.multiplyScalar, velocity, alpha),
        node.unary(.multiplyScalar, gradient, step.count > 0 ? beta : 1))
      let isAhead = try node.string("mode") == "nesterov"
      let change = try isAhead ? node.binary(.add, gradient, node.unary(.multiplyScalar, next, alpha)) : next
      return [try node.binary(.subtract, x, node.unary(.multiplyScalar, change, step.rate)), next]
    },
    update("Adagrad", states: 1) { node, step, tensors in
      let rate = step.rate / (1 + step.count * (try node.float("decay_factor", default: 0)))
      let gradient = try node.regularized(tensors[0], tensors[1])
      let squares = try node.binary(.add, tensors[2], node.unary(.square, gradient))
      let root = try node.unary(.addScalar, node.unary(.sqrt, squares), node.float("epsilon", default: 0))
      let change = try node.unary(.multiplyScalar, node.binary(.divide, gradient, root), rate)
      return [try node.binary(.subtract, tensors[0], change), squares]
    },
    update("Adam", states: 2) { node, step, tensors in
      let (alpha, beta) = (try node.float("alpha", default: 0.9), try node.float("beta", default: 0.999))
      let gradient = try node.regularized(tensors[0], tensors[1])
      let mean = try node.binary(
        .add, node.unary(.multiplyScalar, tensors[2], alpha), node.unary(.multiplyScalar, gradient, 1 - alpha))
      let squares = try node.binary(
        .add, node.unary(.multiplyScalar, tensors[3], beta),
        node.unary(.multiplyScalar, node.unary(.square, gradient), 1 - beta))
      let correction = step.count > 0 ? sqrt(1 - pow(beta, step.count)) / (1 - pow(alpha, step.count)) : 1
      let root = try node.unary(.addScalar, node.unary(.sqrt, squares), node.float("epsilon", default: 0))
      let change = try node.unary(.multiplyScalar, node.binary(.divide, mean, root), step.rate * correction)
      let next = try node.binary(.subtract, tensors[0], change)
      return [
        try node.unary(.multiplyScalar, next, 1 - node.float("norm_coefficient_post", default: 0)), mean, squares,
      ]
    },
  ]

  /// Inputs: the rate, the count of steps, then all tensors, all gradients, and all of each state. Outputs: the tensors and
  /// states after the step.
  private static func update(
    _ name: String, states: Int,
    _ build: @escaping @Sendable (ONNXNode, (rate: Double, count: Double), [Tensor]) throws -> [Tensor]
  ) -> ONNXOperator {
    ONNXOperator(
      "ai.onnx.preview.training.\(name)", (4 + states)...Int.max,
      values: { node in
        let kinds = 2 + states
        guard (node.inputs.count - 2) % kinds == 0 else { throw node.invalid("\(node.inputs.count) inputs") }
        let count = (node.inputs.count - 2) / kinds
        let step = (rate: try node.number(0), count: try node.number(1))
        let results = try (0..<count).map { place in
          try build(node, step, (0..<kinds).map { try node.tensor(2 + $0 * count + place) })
        }
        return (0..<1 + states).flatMap { kind in results.map { ImportedValue($0[kind]) } }
      })
  }
}

extension ONNXNode {
  /// A gradient with that of the norm's square.
  fileprivate func regularized(_ x: Tensor, _ gradient: Tensor) throws -> Tensor {
    try binary(.add, unary(.multiplyScalar, x, float("norm_coefficient", default: 0)), gradient)
  }
}
