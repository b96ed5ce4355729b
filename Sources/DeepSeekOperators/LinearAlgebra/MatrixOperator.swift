import DeepSeekTensor

/// An operator on the matrices over the last two axes, in `float32` or `float64`.
protocol MatrixOperator: Operator {
  /// Computes the outputs in the inputs' own precision. Inputs are row-major without gaps.
  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws
}

extension MatrixOperator {
  /// Takes time in arithmetic.
  public var traits: OperatorTraits { [.computeBound, .fullPrecision] }

  /// Calls LAPACK in the element type's precision.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let dense = inputs.map { $0.contiguous() }
    if inputs[0].dtype == .float64 {
      try compute(dense, outputs, Double.self)
    } else {
      try compute(dense, outputs, Float.self)
    }
    withExtendedLifetime((dense, outputs)) {}
  }

  /// Checks the number of inputs and that each is a stack of `float32` or `float64` matrices, all of one type.
  func expectMatrices(_ inputs: [TensorSpec], _ count: Int) throws {
    try expect(inputs, count...count)
    for input in inputs {
      guard input.dtype == .float32 || input.dtype == .float64, input.shape.rank >= 2 else {
        throw mismatch("input \(input); float32 or float64 matrices […, rows, columns] are expected")
      }
      guard input.dtype == inputs[0].dtype else {
        throw mismatch("element types \(inputs[0].dtype) and \(input.dtype) differ")
      }
    }
  }

  /// Checks that the matrices are square.
  func expectSquare(_ input: TensorSpec) throws {
    guard input.shape.dimension(-1) == input.shape.dimension(-2) else {
      throw mismatch("input \(input); square matrices are expected")
    }
  }
}

/// A tensor's memory as a stack of equal blocks.
struct Blocks<Scalar: LapackScalar>: @unchecked Sendable {
  private let start: UnsafeMutablePointer<Scalar>
  let blockSize: Int

  /// The blocks over the last `axes` axes.
  init(_ tensor: Tensor, axes: Int = 2) {
    start = tensor.pointer.assumingMemoryBound(to: Scalar.self)
    blockSize = (tensor.rank - axes..<tensor.rank).reduce(1) { $0 * tensor.shape[$1] }
  }

  subscript(index: Int) -> UnsafeMutablePointer<Scalar> { start + index * blockSize }

  /// A copy of a block, for routines that write over their input.
  func copy(_ index: Int) -> [Scalar] { Array(UnsafeBufferPointer(start: self[index], count: blockSize)) }
}

extension Tensor {
  /// How many matrices are stacked over the axes before the last two.
  var matrixCount: Int { (0..<rank - 2).reduce(1) { $0 * shape[$1] } }

  /// In a precision that LAPACK has: halves become `float32`, integers `float64`.
  var forLapack: Tensor {
    switch dtype {
    case .float32, .float64: self
    case .float16, .bfloat16: cast(to: .float32)
    default: cast(to: .float64)
    }
  }

  /// The main diagonal halved and what lies above it set to zero.
  var lowerHalf: Tensor { tril() - diagonal().diagonalMatrix() * 0.5 }
}
