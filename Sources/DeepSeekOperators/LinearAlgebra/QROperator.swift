public import DeepSeekTensor

/// A = Q R with orthonormal columns in Q and upper triangular R: `[…, m, n]` gives `[…, m, k]` and `[…, k, n]`, k being the
/// smaller of m and n.
public struct QROperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `qr`.
  public var name: String { "qr" }

  /// Matrices of known size.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    let (shape, smaller) = (inputs[0].shape, try smallerSide(inputs[0]))
    return [
      TensorSpec(inputs[0].dtype, shape.replacing(-1, with: smaller)),
      TensorSpec(inputs[0].dtype, shape.replacing(-2, with: smaller)),
    ]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let source = Blocks<Scalar>(inputs[0])
    let (first, second) = (Blocks<Scalar>(outputs[0]), Blocks<Scalar>(outputs[1]))
    let (rows, columns) = (inputs[0].shape[-2], inputs[0].shape[-1])
    let smaller = Swift.min(rows, columns)
    try Lapack.forEach(inputs[0].matrixCount, elements: rows * columns) { index in
      if smaller == 0 { return nil }
      var matrix = source.copy(index)
      var factors = [Scalar](repeating: 0, count: smaller)
      _ = Scalar.geqrf(Int32(rows), Int32(columns), &matrix, &factors)
      let (q, r) = (first[index], second[index])
      for row in 0..<smaller {
        for column in 0..<columns { r[row * columns + column] = column < row ? 0 : matrix[row * columns + column] }
      }
      for row in 0..<rows {
        for column in 0..<smaller { q[row * smaller + column] = matrix[row * columns + column] }
      }
      _ = Scalar.orgqr(Int32(rows), Int32(smaller), Int32(smaller), q, factors)
      return nil
    }
  }

  /// Both factors, and the input when it is wide.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0], outputs: [0, 1]) }

  /// (G_Q + Q sym(R G_Rᵀ - G_Qᵀ Q)) R⁻ᵀ, sym mirroring the lower triangle (Walter and Lehmann, arXiv:1001.1654); for a wide
  /// matrix, that of its square part, and Q G for the rest.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (q, r) = (context.output(0), context.output(1))
    let (toQ, toR) = (context.gradient(0), context.gradient(1))
    let (size, columns) = (r.shape[-2], r.shape[-1])
    if columns == size { return [QROperator.squareGradient(q, r, toQ, toR)] }
    let rest = context.input(0).sliced(-1, size..<columns)
    let toRest = toR.sliced(-1, size..<columns)
    let toSquare = QROperator.squareGradient(
      q, r.sliced(-1, 0..<size), toQ + rest.matmul(toRest.matrixTransposed), toR.sliced(-1, 0..<size))
    return [Tensor.concatenate([toSquare, q.matmul(toRest)], axis: -1)]
  }

  private static func squareGradient(_ q: Tensor, _ r: Tensor, _ toQ: Tensor, _ toR: Tensor) -> Tensor {
    let middle = r.matmul(toR.matrixTransposed) - toQ.matrixTransposed.matmul(q)
    let mirrored = middle.tril() + middle.tril(diagonal: -1).matrixTransposed
    let left = toQ + q.matmul(mirrored)
    return r.solveTriangular(left.matrixTransposed, upper: true).matrixTransposed
  }
}

extension MatrixOperator {
  /// The smaller of rows and columns, which must be known.
  func smallerSide(_ input: TensorSpec) throws -> Dimension {
    guard let rows = input.shape.dimension(-2).known, let columns = input.shape.dimension(-1).known else {
      throw mismatch("input \(input); matrices of known size are expected")
    }
    return Dimension(Swift.min(rows, columns))
  }
}

extension Tensor {
  /// Q with orthonormal columns and upper triangular R whose product these matrices `[…, m, n]` are: `[…, m, k]` and
  /// `[…, k, n]`, k being the smaller of m and n. By Householder's reflections, so R's diagonal may be negative.
  public func qr(file: StaticString = #file, line: UInt = #line) -> (q: Tensor, r: Tensor) {
    let results = apply(QROperator(), [forLapack], file: file, line: line)
    return (results[0], results[1])
  }
}
