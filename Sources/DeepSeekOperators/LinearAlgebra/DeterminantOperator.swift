public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The determinant of each square matrix as a sign and the logarithm of its absolute value, which does not overflow.
public struct DeterminantOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `slogdet`.
  public var name: String { "slogdet" }

  /// Square matrices; outputs: sign and logarithm, each of the leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    try expectSquare(inputs[0])
    let spec = TensorSpec(inputs[0].dtype, inputs[0].shape.leading(inputs[0].shape.rank - 2))
    return [spec, spec]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let matrices = Blocks<Scalar>(inputs[0])
    let (signs, logarithms) = (Blocks<Scalar>(outputs[0], axes: 0), Blocks<Scalar>(outputs[1], axes: 0))
    let size = inputs[0].shape[-1]
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      var matrix = matrices.copy(index)
      var (sign, logarithm) = (Scalar(1), 0.0)
      for pivot in Lapack.signedPivots(&matrix, size) {
        sign = pivot == 0 ? 0 : pivot < 0 ? -sign : sign
        logarithm += log(Double(pivot.magnitude))
      }
      signs[index].pointee = sign
      logarithms[index].pointee = Scalar(logarithm)
      return nil
    }
  }

  /// The matrices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0]) }

  /// A⁻ᵀ times the logarithm's gradient. The sign has none.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    guard context.hasGradient(1) else { return [Tensor.zeros(like: context.input(0))] }
    return [context.input(0).inverse().matrixTransposed * context.gradient(1).expanded(-1).expanded(-1)]
  }
}

extension Tensor {
  /// The sign and the logarithm of the absolute value of each square matrix' determinant: 0 and -infinity when it is singular,
  /// whose gradient then traps.
  public func signAndLogDeterminant(
    file: StaticString = #file, line: UInt = #line
  ) -> (sign: Tensor, logarithm: Tensor) {
    let results = apply(DeterminantOperator(), [forLapack], file: file, line: line)
    return (results[0], results[1])
  }

  /// The determinant of each square matrix: `[…, n, n]` gives `[…]`. A second derivative needs a matrix that is not singular.
  public func determinant(file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(DeterminantValueOperator(), forLapack, file: file, line: line)
  }
}
