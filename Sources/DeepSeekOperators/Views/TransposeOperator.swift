public import DeepSeekTensor

/// Axes in another order; moves no element.
public struct TransposeOperator: Operator {
  /// Axis `i` of the result is axis `permutation[i]` of the input.
  public let permutation: [Int]

  /// Axes in this order.
  public init(_ permutation: [Int]) { self.permutation = permutation }

  /// `transpose`.
  public var name: String { "transpose" }
  /// A view.
  public var traits: OperatorTraits { [.view] }

  /// The lengths in the new order.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let shape = inputs[0].shape
    guard permutation.sorted() == Array(0..<shape.rank) else {
      throw mismatch("\(permutation) is not an order of the \(shape.rank) axes of \(shape)")
    }
    return [TensorSpec(inputs[0].dtype, Shape(permutation.map { shape.dimension($0) }))]
  }

  /// The strides in the new order.
  public func view(of input: Tensor, output: TensorSpec) -> Layout? { input.layout.permuted(permutation) }

  /// Copies the elements into the new order.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    inputs[0].viewed(inputs[0].layout.permuted(permutation)).copyElements(to: outputs[0])
  }

  /// The inverse order.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    var inverse = permutation
    for (axis, source) in permutation.enumerated() { inverse[source] = axis }
    return [apply(TransposeOperator(inverse), context.gradient)]
  }
}

extension Tensor {
  /// Axes in another order: axis `i` of the result is axis `permutation[i]` of this. With none given, all reversed.
  public func transposed(_ permutation: [Int]? = nil, file: StaticString = #file, line: UInt = #line) -> Tensor {
    let order = permutation.map { $0.map { $0 < 0 ? $0 + rank : $0 } } ?? (0..<rank).reversed()
    return apply(TransposeOperator(order), self, file: file, line: line)
  }

  /// Two axes exchanged; negative ones count from the end.
  public func swappedAxes(_ first: Int, _ second: Int, file: StaticString = #file, line: UInt = #line) -> Tensor {
    var order = Array(0..<rank)
    order.swapAt(shape.index(of: first), shape.index(of: second))
    return apply(TransposeOperator(order), self, file: file, line: line)
  }

  /// The last two axes exchanged: the transpose of each matrix.
  public var matrixTransposed: Tensor { swappedAxes(-2, -1) }
}
