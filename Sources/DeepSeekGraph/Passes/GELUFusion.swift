import DeepSeekOperators
import DeepSeekTensor

extension FusionRule {
  /// GELU written out, ½ x (1 + erf(x / √2)) in any order, becomes the one function.
  public static let gelu = FusionRule("gelu") { node, context in
    guard let product = Factors(of: node, context), abs(product.number - 0.5) < 1e-6, product.values.count == 2
    else { return nil }
    for (value, other) in [(product.values[0], product.values[1]), (product.values[1], product.values[0])] {
      guard let sum = context.soleProducer(of: other), let erf = onePlus(sum, .erf, context),
        let argument = context.soleProducer(of: erf.inputs[0]), let inner = Factors(of: argument, context),
        inner.values == [value], abs(inner.number - 0.5.squareRoot()) < 1e-6
      else { continue }
      return Graph.Node(UnaryOperator(.gelu), [value], replacing: node)
    }
    return nil
  }

  /// GELU's tanh form written out, ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) in any order, becomes the one function.
  public static let geluTanh = FusionRule("gelu_tanh") { node, context in
    guard let product = Factors(of: node, context), abs(product.number - 0.5) < 1e-6, product.values.count == 2
    else { return nil }
    for (value, other) in [(product.values[0], product.values[1]), (product.values[1], product.values[0])] {
      guard let sum = context.soleProducer(of: other), let tanh = onePlus(sum, .tanh, context),
        let argument = context.soleProducer(of: tanh.inputs[0]), let inner = Factors(of: argument, context),
        inner.values.count == 1, abs(inner.number - (2 / Double.pi).squareRoot()) < 1e-6,
        let bend = context.soleProducer(of: inner.values[0]), isBend(bend, of: value, context)
      else { continue }
      return Graph.Node(UnaryOperator(.geluTanh), [value], replacing: node)
    }
    return nil
  }

  /// Whether a node is x + 0.044715 x³.
  private static func isBend(_ node: Graph.Node, of value: Graph.Value, _ context: FusionContext) -> Bool {
    guard let add = node.operation as? BinaryOperator, add.function == .add,
      let place = node.inputs.firstIndex(of: value), let cube = context.soleProducer(of: node.inputs[1 - place]),
      let factors = Factors(of: cube, context), abs(factors.number - 0.044715) < 1e-6
    else { return false }
    if factors.values == [value, value, value] { return true }
    guard factors.values.count == 1, let power = context.soleProducer(of: factors.values[0]),
      let binary = power.operation as? BinaryOperator
    else { return false }
    return binary.function == .power && power.inputs[0] == value && context.number(power.inputs[1]) == 3
  }

  /// The function of 1 + function(…).
  private static func onePlus(
    _ node: Graph.Node, _ function: UnaryOperator.Function, _ context: FusionContext
  ) -> Graph.Node? {
    var operand: Graph.Value?
    if let unary = node.operation as? UnaryOperator, unary.function == .addScalar, unary.parameters[0] == 1 {
      operand = node.inputs[0]
    } else if let binary = node.operation as? BinaryOperator, binary.function == .add {
      for place in 0...1 where context.number(node.inputs[place]) == 1 { operand = node.inputs[1 - place] }
    }
    guard let operand, let inner = context.soleProducer(of: operand),
      inner.operation.isEqual(to: UnaryOperator(function))
    else { return nil }
    return inner
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
