import CDeepSeekKernels
public import DeepSeekTensor

/// Matrices with zeros above or below a diagonal.
public struct TriangularOperator: Operator {
  /// Whether what lies on and above the diagonal stays, rather than on and below.
  public let isUpper: Bool
  /// Which diagonal: 0 the main one, positive ones above it.
  public let diagonal: Int

  /// One side of a diagonal.
  public init(isUpper: Bool, diagonal: Int = 0) {
    self.isUpper = isUpper
    self.diagonal = diagonal
  }

  /// `triu` or `tril`.
  public var name: String { isUpper ? "triu" : "tril" }
  /// Moves memory.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Matrices over the last two axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    guard inputs[0].shape.rank >= 2 else {
      throw mismatch("input \(inputs[0]); matrices […, rows, columns] are expected")
    }
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    try check(withViews(inputs[0], outputs[0]) { ds_triangular($0, Int64(diagonal), isUpper, $1) }, self, inputs)
  }

  /// The same side of the upstream gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] { [apply(self, context.gradient)] }
}

extension Tensor {
  /// Matrices `[…, rows, columns]` with zeros above a diagonal: 0 the main one, positive ones above it.
  public func tril(diagonal: Int = 0, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(TriangularOperator(isUpper: false, diagonal: diagonal), self, file: file, line: line)
  }

  /// Matrices `[…, rows, columns]` with zeros below a diagonal: 0 the main one, positive ones above it.
  public func triu(diagonal: Int = 0, file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(TriangularOperator(isUpper: true, diagonal: diagonal), self, file: file, line: line)
  }
}
