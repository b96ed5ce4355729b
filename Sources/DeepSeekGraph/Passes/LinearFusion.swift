import DeepSeekOperators
import DeepSeekTensor

extension FusionRule {
  /// The rules of ``GraphPass/fusion(_:)``: GELU written out becomes one function; a product by a transposed matrix, a bias
  /// after it, and an activation after that become one linear operator.
  public static let standard: [FusionRule] = [gelu, geluTanh, linear, bias, activation]

  /// `x Wᵀ` with a matrix W of floats becomes `linear(x, W)`.
  public static let linear = FusionRule("linear") { node, context in
    guard node.operation is MatmulOperator, let transposed = context.producer(of: node.inputs[1]),
      let transpose = transposed.operation as? TransposeOperator, transpose.permutation == [1, 0],
      context.spec(node.outputs[0]).dtype.isFloatingPoint,
      context.spec(node.inputs[0]).shape.dimension(-1) == context.spec(transposed.inputs[0]).shape.dimension(1)
    else { return nil }
    return Graph.Node(LinearOperator(), [node.inputs[0], transposed.inputs[0]], replacing: node)
  }

  /// `linear(x, W) + b` becomes `linear(x, W, b)`.
  public static let bias = FusionRule("bias") { node, context in
    guard let add = node.operation as? BinaryOperator, add.function == .add else { return nil }
    for (product, bias) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let inner = context.soleProducer(of: product), inner.operation.isEqual(to: LinearOperator()),
        inner.inputs.count == 2, context.spec(bias).shape == Shape([context.spec(inner.inputs[1]).shape.dimension(0)])
      else { continue }
      return Graph.Node(LinearOperator(), inner.inputs + [bias], replacing: node)
    }
    return nil
  }

  /// An activation of a linear operator's result becomes part of it.
  public static let activation = FusionRule("activation") { node, context in
    guard let unary = node.operation as? UnaryOperator, let fused = activations[unary.function],
      let inner = context.soleProducer(of: node.inputs[0]), inner.operation.isEqual(to: LinearOperator())
    else { return nil }
    return Graph.Node(LinearOperator(fused), inner.inputs, replacing: node)
  }

  /// What a linear operator can do to its result.
  static let activations: [UnaryOperator.Function: Activation] = [
    .relu: .relu, .gelu: .gelu, .geluTanh: .geluTanh, .silu: .silu, .tanh: .tanh, .sigmoid: .sigmoid,
  ]
}
