import DeepSeekOperators
import DeepSeekTensor

extension FusionRule {
  /// GELU written out, ½ x (1 + erf(x / √2)) in any order, becomes the one function.
  public static let gelu = FusionRule("gelu") { node, context in
    guard let product = Factors(of: node, context), abs(product.number - 0.5) < 1e-6, product.values.count == 2
    else { return nil }
    for (value, other) in [(product.values[0], product.values[1]), (product.values[1], product.values[0])] {
      guard let sum = context.soleProducer(of: other), let erf = onePlus(sum, context),
        let argument = context.soleProducer(of: erf.inputs[0]), let inner = Factors(of: argument, context),
        inner.values == [value], abs(inner.number - 0.5.squareRoot()) < 1e-6
      else { continue }
      return Graph.Node(UnaryOperator(.gelu), [value], replacing: node)
    }
    return nil
  }

  /// The erf of 1 + erf(…).
  private static func onePlus(_ node: Graph.Node, _ context: FusionContext) -> Graph.Node? {
    var operand: Graph.Value?
    if let unary = node.operation as? UnaryOperator, unary.function == .addScalar, unary.parameters[0] == 1 {
      operand = node.inputs[0]
    } else if let binary = node.operation as? BinaryOperator, binary.function == .add {
      for place in 0...1 where context.number(node.inputs[place]) == 1 { operand = node.inputs[1 - place] }
    }
    guard let operand, let erf = context.soleProducer(of: operand), erf.operation.isEqual(to: UnaryOperator(.erf))
    else { return nil }
    return erf
  }
}

/// A product taken apart: its numbers multiplied, and its other factors.
struct Factors {
  private(set) var number = 1.0
  private(set) var values: [Graph.Value] = []
  /// Factors beyond these make no pattern that anybody looks for.
  private static let limit = 4

  /// `nil` for a node that multiplies nothing, or too much.
  init?(of node: Graph.Node, _ context: FusionContext) {
    guard take(node, context, depth: 0), values.count <= Factors.limit else { return nil }
  }

  private mutating func take(_ node: Graph.Node, _ context: FusionContext, depth: Int) -> Bool {
    if depth > Factors.limit { return false }
    if let unary = node.operation as? UnaryOperator, unary.function == .multiplyScalar {
      number *= unary.parameters[0]
      take(node.inputs[0], context, depth)
      return true
    }
    guard let binary = node.operation as? BinaryOperator else { return false }
    switch binary.function {
    case .multiply:
      for input in node.inputs { take(input, context, depth) }
      return true
    case .divide:
      guard let divisor = context.number(node.inputs[1]), divisor != 0 else { return false }
      number /= divisor
      take(node.inputs[0], context, depth)
      return true
    default: return false
    }
  }

  private mutating func take(_ value: Graph.Value, _ context: FusionContext, _ depth: Int) {
    if let factor = context.number(value) {
      number *= factor
    } else if let producer = context.soleProducer(of: value), take(producer, context, depth: depth + 1) {
      return
    } else {
      values.append(value)
    }
  }
}
