public import DeepSeekTensor

/// What a node takes: arithmetic and memory traffic, estimated from its operator's traits and its tensors' shapes.
public struct NodeCost: Sendable, Hashable {
  /// Floating-point operations.
  public var operations: Double
  /// Bytes read and written.
  public var bytes: Double

  /// A cost.
  public init(operations: Double, bytes: Double) {
    self.operations = operations
    self.bytes = bytes
  }
}

extension Graph {
  /// What a node costs. Exact for products of matrices and attention, right to a small factor for convolutions and recurrent
  /// layers; one operation for each element otherwise. Of a table only the rows that are looked up count as read.
  ///
  /// - Parameters:
  ///   - lengths: Lengths for symbols; one that is not among them counts as `open`.
  ///   - values: Values that are known, such as the offsets of packed sequences; without them, packed attention counts as
  ///     over one sequence.
  public func cost(
    of node: Node, lengths: [Dimension: Int] = [:], open: Int = 32, values: [Value: Tensor] = [:]
  ) -> NodeCost {
    let traits = node.operation.traits
    if traits.contains(.view) { return NodeCost(operations: 0, bytes: 0) }
    let measured = Lengths(self, lengths, open: open)
    let inputs = node.inputs.map { measured.of(spec($0).shape) }
    let outputs = node.outputs.map { measured.of(spec($0).shape) }
    var bytes = zip(node.inputs + node.outputs, inputs + outputs).reduce(0) { sum, pair in
      sum + Lengths.count(pair.1) * Double(spec(pair.0).dtype.byteCount)
    }
    if traits.contains(.gathers), let first = inputs.first, let output = outputs.first {
      let unread = Swift.max(Lengths.count(first) - Lengths.count(output), 0)
      bytes -= unread * Double(spec(node.inputs[0]).dtype.byteCount)
    }
    let specs = zip(node.inputs, inputs).map { TensorSpec(spec($0).dtype, Shape($1), value: values[$0]) }
    let operations = node.operation.arithmetic(specs) ?? Graph.operations(traits, inputs, outputs)
    return NodeCost(operations: operations, bytes: bytes)
  }

  private static func operations(_ traits: OperatorTraits, _ inputs: [[Int]], _ outputs: [[Int]]) -> Double {
    guard let first = inputs.first, let output = outputs.first else { return 0 }
    if traits.contains(.matmul), inputs.count >= 2 {
      // [m, k] by [k, n] to [m, n]: √(mk · kn · mn) = mkn, and each is a multiplication and an addition.
      let second = inputs[1]
      let product = Lengths.count(first) * Lengths.count(second) * Lengths.count(output)
      let leading = output.dropLast(2)
      let isBatched = first.dropLast(2) == leading && second.dropLast(2) == leading
      return 2 * (product / (isBatched ? Lengths.count(Array(leading)) : 1)).squareRoot()
    }
    if traits.contains(.reduction) { return Lengths.count(first) }
    return outputs.reduce(0) { $0 + Lengths.count($1) }
  }

  /// Shapes in numbers.
  private struct Lengths {
    private var bindings: [Dimension: Int]
    private let open: Int

    init(_ graph: Graph, _ lengths: [Dimension: Int], open: Int) {
      bindings = lengths
      self.open = open
      for dimension in graph.inputs.flatMap({ graph.spec($0.value).shape.dimensions }) where dimension.known == nil {
        if bindings[dimension] == nil { bindings[dimension] = open }
      }
    }

    func of(_ shape: Shape) -> [Int] { shape.dimensions.map { $0.resolved(bindings).known ?? open } }

    static func count(_ lengths: [Int]) -> Double { lengths.reduce(1) { $0 * Double($1) } }
  }
}
