import CDeepSeekKernels
public import DeepSeekTensor

/// A one in a row of zeros for each index: indices `[…]` give `[…, depth]`.
public struct OneHotOperator: Operator {
  /// The length of the rows.
  public let depth: Int
  /// The type of the result.
  public let dtype: DType

  /// Rows of `depth` elements of this type.
  public init(_ depth: Int, _ dtype: DType) {
    self.depth = depth
    self.dtype = dtype
  }

  /// `one_hot`.
  public var name: String { "one_hot" }
  /// Writes memory.
  public var traits: OperatorTraits { [.memoryBound, .nonDifferentiable] }

  /// `int64` or `int32` indices.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectIndices(inputs[0], "the index tensor")
    try expectWithinReach([depth])
    guard inputs[0].shape.rank < Shape.maximumRank else {
      throw mismatch("\(inputs[0].shape) has no room for one more axis")
    }
    guard depth >= 0 else { throw mismatch("depth \(depth) is negative") }
    return [TensorSpec(dtype, Shape(inputs[0].shape.dimensions + [Dimension(depth)]))]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let (on, off) = (Tensor.full([], 1, dtype: dtype), Tensor.full([], 0, dtype: dtype))
    let status = withViews(inputs[0], outputs[0]) { ds_one_hot($0, on.pointer, off.pointer, $1) }
    try withExtendedLifetime((on, off)) { try check(status, self, inputs) }
  }
}

extension Tensor {
  /// A one in a row of `depth` zeros for each of these indices: `[…, depth]`. An index outside the row traps.
  public func oneHot(
    _ depth: Int, dtype: DType = .float32, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    apply(OneHotOperator(depth, dtype), self, file: file, line: line)
  }
}
