public import DeepSeekTensor

/// The X of smallest norm among those for which A X is nearest to B: `[…, m, n]` and `[…, m, k]` give `[…, n, k]`.
public struct LeastSquaresOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `lstsq`.
  public var name: String { "lstsq" }

  /// Inputs: A and B with equal leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 2)
    try expectRightSide(inputs)
    return [TensorSpec(inputs[1].dtype, inputs[1].shape.replacing(-2, with: inputs[0].shape.dimension(-1)))]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let (matrices, right, target) = (Blocks<Scalar>(inputs[0]), Blocks<Scalar>(inputs[1]), Blocks<Scalar>(outputs[0]))
    let (rows, size, columns) = (inputs[0].shape[-2], inputs[0].shape[-1], inputs[1].shape[-1])
    try Lapack.forEach(inputs[0].matrixCount, elements: rows * size) { index in
      if size == 0 || columns == 0 { return nil }
      if rows == 0 {
        target[index].update(repeating: 0, count: size * columns)
        return nil
      }
      var matrix = matrices.copy(index)
      var values = [Scalar](repeating: 0, count: Swift.min(rows, size))
      // One buffer takes B's rows and gives X's: as long as the longer of the two.
      var buffer = right.copy(index) + [Scalar](repeating: 0, count: Swift.max(0, size - rows) * columns)
      let status = Scalar.gelsd(Int32(rows), Int32(size), Int32(columns), &matrix, &buffer, &values)
      if status != 0 { return mismatch("matrix \(index) has a NaN or an infinity, or did not converge") }
      target[index].update(from: buffer, count: size * columns)
      return nil
    }
  }

  /// Both inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1]) }

  /// By way of the decomposition: A must have full rank for a gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// R⁻¹ Qᵀ B for A = Q R, or, for a wide A, Q R⁻ᵀ B for Aᵀ = Q R.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (a, b) = (inputs[0], inputs[1])
    if a.shape[-2] >= a.shape[-1] {
      let (q, r) = a.qr()
      return [r.solveTriangular(q.matrixTransposed.matmul(b), upper: true)]
    }
    let (q, r) = a.matrixTransposed.qr()
    return [q.matmul(r.solveTriangular(b, upper: true, transposed: true))]
  }
}

extension Tensor {
  /// The X of smallest norm among those for which these matrices `[…, m, n]` times X are nearest to `right`, `[…, m, k]` or a
  /// vector `[m]`. Leading axes broadcast. Rank may be less than full; a gradient needs it full.
  public func leastSquares(_ right: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if right.rank == 1 { return leastSquares(right.expanded(-1), file: file, line: line).squeezed(-1) }
    let (a, b) = Tensor.stacked(self, right, "lstsq", file: file, line: line)
    return apply(LeastSquaresOperator(), a, b, file: file, line: line)
  }
}
