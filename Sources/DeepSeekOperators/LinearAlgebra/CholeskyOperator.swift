public import DeepSeekTensor

/// The lower triangular L with L Lᵀ = A, for symmetric positive definite A. Reads the lower triangle alone.
public struct CholeskyOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `cholesky`.
  public var name: String { "cholesky" }

  /// Square matrices.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    try expectSquare(inputs[0])
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let (source, target) = (Blocks<Scalar>(inputs[0]), Blocks<Scalar>(outputs[0]))
    let size = inputs[0].shape[-1]
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      let out = target[index]
      out.update(from: source[index], count: size * size)
      let status = size == 0 ? 0 : Scalar.potrf(Int32(size), out)
      if status > 0 {
        return mismatch("matrix \(index) is not positive definite: its leading \(status) rows and columns are not")
      }
      for row in 0..<size {
        for column in row + 1..<Swift.max(size, row + 1) { out[row * size + column] = 0 }
      }
      return nil
    }
  }

  /// The factor.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [0]) }

  /// L⁻ᵀ Φ(Lᵀ G) L⁻¹ made symmetric, Φ taking the lower triangle with half the diagonal (Murray, arXiv:1602.07527).
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let factor = context.output(0)
    let middle = factor.matrixTransposed.matmul(context.gradient).lowerHalf
    let left = factor.solveTriangular(middle, upper: false, transposed: true)
    let whole = factor.solveTriangular(left.matrixTransposed, upper: false, transposed: true)
    return [(whole + whole.matrixTransposed) * 0.5]
  }
}

extension Tensor {
  /// The lower triangular L with L Lᵀ equal to these symmetric positive definite matrices `[…, n, n]`; traps when one is not.
  public func cholesky(file: StaticString = #file, line: UInt = #line) -> Tensor {
    apply(CholeskyOperator(), forLapack, file: file, line: line)
  }
}
