import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Leaves out what changes nothing, and joins pairs that are one: x·1, x÷1, x−0, x+0, a view that is its input,
  /// transpose of transpose, reshape of reshape, cast of an exact cast.
  ///
  /// - Parameter signedZeros: Whether −0 must stay −0. It does by default: floats then keep x+0, which turns −0 to +0,
  ///   and every result keeps its bits.
  public static func simplification(signedZeros: Bool = true) -> GraphPass {
    GraphPass("simplification") { graph in
      var simplifier = Simplifier(graph, signedZeros: signedZeros)
      return simplifier.run()
    }
  }
}

/// One walk over a graph, replacing nodes as it goes.
private struct Simplifier {
  private var graph: Graph
  private let signedZeros: Bool
  private let producers: [Graph.Value: Int]
  private let constants: [Graph.Value: Tensor]
  private var replacements: [Graph.Value: Graph.Value] = [:]

  init(_ graph: Graph, signedZeros: Bool) {
    self.graph = graph
    self.signedZeros = signedZeros
    producers = graph.producers()
    constants = graph.constantTensors()
  }

  mutating func run() -> Graph {
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = graph.nodes[index].inputs.map { replacements[$0] ?? $0 }
      let node = graph.nodes[index]
      guard node.outputs.count == 1 else { continue }
      if let source = identity(node), graph.spec(source) == graph.spec(node.outputs[0]) {
        replacements[node.outputs[0]] = source
      } else if let joined = joined(node) {
        graph.nodes[index] = joined
      }
    }
    return graph.replacing(replacements)
  }

  /// The input that the node's output equals.
  private func identity(_ node: Graph.Node) -> Graph.Value? {
    switch node.operation {
    case let binary as BinaryOperator: return identity(binary.function, node)
    case let unary as UnaryOperator: return isIdentity(unary, graph.spec(node.inputs[0]).dtype) ? node.inputs[0] : nil
    case is ReshapeOperator, is BroadcastOperator, is CastOperator: return node.inputs[0]
    case let transpose as TransposeOperator:
      return transpose.permutation == Array(transpose.permutation.indices) ? node.inputs[0] : nil
    default: return nil
    }
  }

  /// Whether adding or multiplying by a number of its own changes nothing.
  private func isIdentity(_ unary: UnaryOperator, _ dtype: DType) -> Bool {
    let number = unary.parameters[0]
    switch unary.function {
    case .multiplyScalar: return number == 1
    case .addScalar: return number == 0 && (!signedZeros || !dtype.isFloatingPoint || number.sign == .minus)
    default: return false
    }
  }

  private func identity(_ function: BinaryOperator.Function, _ node: Graph.Node) -> Graph.Value? {
    let (a, b) = (node.inputs[0], node.inputs[1])
    switch function {
    case .multiply: return isOne(b) ? a : isOne(a) ? b : nil
    case .divide: return isOne(b) ? a : nil
    case .subtract: return isZero(b, negative: false) ? a : nil
    case .add: return isZero(b, negative: true) ? a : isZero(a, negative: true) ? b : nil
    default: return nil
    }
  }

  private func isOne(_ value: Graph.Value) -> Bool { scalar(value)?.item(as: Double.self) == 1 }

  /// Whether adding or subtracting the value changes nothing: for floats the zero's sign matters, as (−0) + (+0) is +0.
  private func isZero(_ value: Graph.Value, negative: Bool) -> Bool {
    guard let scalar = scalar(value) else { return false }
    let number = scalar.item(as: Double.self)
    if number != 0 { return false }
    return !signedZeros || !scalar.dtype.isFloatingPoint || (number.sign == .minus) == negative
  }

  /// The one number that a constant holds, seen through broadcasts and reshapes; `nil` when it holds several or is none.
  /// Integers beyond 2⁵³ do not matter here: they are neither 0 nor 1.
  private func scalar(_ value: Graph.Value) -> Tensor? {
    if let tensor = constants[value] { return tensor.uniformElement }
    guard let producer = producers[value] else { return nil }
    let node = graph.nodes[producer]
    return node.operation is BroadcastOperator || node.operation is ReshapeOperator ? scalar(node.inputs[0]) : nil
  }

  /// The node with an operator that does both its own work and its input's.
  private func joined(_ node: Graph.Node) -> Graph.Node? {
    guard node.inputs.count == 1, let producer = producers[node.inputs[0]] else { return nil }
    let inner = graph.nodes[producer]
    switch (node.operation, inner.operation) {
    case (let outer as TransposeOperator, let inside as TransposeOperator):
      let order = outer.permutation.map { inside.permutation[$0] }
      return Graph.Node(TransposeOperator(order), inner.inputs, replacing: node)
    case (is ReshapeOperator, is ReshapeOperator):
      let lengths = graph.spec(node.outputs[0]).shape.dimensions
      return Graph.Node(ReshapeOperator(lengths), inner.inputs, replacing: node)
    case (let outer as CastOperator, is CastOperator):
      let source = graph.spec(inner.inputs[0]).dtype
      let between = graph.spec(node.inputs[0]).dtype
      // An integer that no longer fits wraps when it is cast directly, but not by way of a float.
      let wraps = !source.isFloatingPoint && between.isFloatingPoint && !outer.dtype.isFloatingPoint
      guard source.isExact(in: between), !wraps else { return nil }
      return Graph.Node(CastOperator(outer.dtype), inner.inputs, replacing: node)
    default: return nil
    }
  }
}

extension DType {
  /// Whether every number of this type is one of another, so that casting there and on is casting on.
  func isExact(in other: DType) -> Bool {
    if self == other { return true }
    switch self {
    case .bool: return other.isArithmetic
    case .float16, .bfloat16: return other == .float32 || other == .float64
    case .float32: return other == .float64
    case .uint8: return [.int16, .int32, .int64, .float16, .bfloat16, .float32, .float64].contains(other)
    case .int8: return [.int16, .int32, .int64, .float16, .bfloat16, .float32, .float64].contains(other)
    case .int16: return [.int32, .int64, .float32, .float64].contains(other)
    case .int32: return [.int64, .float64].contains(other)
    default: return false
    }
  }
}
