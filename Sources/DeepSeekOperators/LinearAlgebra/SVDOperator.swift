public import DeepSeekTensor

/// A = U diag(S) Vᵀ with orthonormal columns in U and V and falling S: `[…, m, n]` gives `[…, m, k]`, `[…, k]` and Vᵀ
/// `[…, k, n]`, k being the smaller of m and n.
public struct SVDOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `svd`.
  public var name: String { "svd" }

  /// Matrices of known size.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    let (shape, smaller) = (inputs[0].shape, try smallerSide(inputs[0]))
    return [
      TensorSpec(inputs[0].dtype, shape.replacing(-1, with: smaller)),
      TensorSpec(inputs[0].dtype, Shape(shape.dimensions.dropLast(2) + [smaller])),
      TensorSpec(inputs[0].dtype, shape.replacing(-2, with: smaller)),
    ]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let source = Blocks<Scalar>(inputs[0])
    let (left, values, right) = (
      Blocks<Scalar>(outputs[0]), Blocks<Scalar>(outputs[1], axes: 1), Blocks<Scalar>(outputs[2])
    )
    let (rows, columns) = (inputs[0].shape[-2], inputs[0].shape[-1])
    try Lapack.forEach(inputs[0].matrixCount, elements: rows * columns) { index in
      if rows == 0 || columns == 0 { return nil }
      var matrix = source.copy(index)
      let status = Scalar.gesdd(
        Int32(rows), Int32(columns), &matrix, values[index], left[index], right[index])
      return status == 0 ? nil : mismatch("matrix \(index) has a NaN or an infinity, or did not converge")
    }
  }

  /// The factors.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [0, 1, 2]) }

  /// By Townsend, "Differentiating the singular value decomposition", 2016. Where singular values are equal the vectors'
  /// gradient is not defined and is infinite or NaN; the values' own is always defined.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (u, s, vt) = (context.output(0), context.output(1), context.output(2))
    var middle = context.hasGradient(1) ? context.gradient(1).diagonalMatrix() : nil
    var outer: Tensor?
    if context.hasGradient(0) || context.hasGradient(2) {
      let squares = s.square()
      let gaps = (squares.expanded(-2) - squares.expanded(-1)).withInfiniteDiagonal
      let (toU, toV) = (context.gradient(0), context.gradient(2).matrixTransposed)
      let (column, row) = (s.expanded(-1), s.expanded(-2))
      let left = u.matrixTransposed.matmul(toU)
      let right = vt.matmul(toV)
      let turned =
        (left - left.matrixTransposed) / gaps * row + (right - right.matrixTransposed) / gaps * column
      middle = middle.map { $0 + turned } ?? turned
      // What of the vectors' gradients lies outside the spaces that the vectors span.
      if u.shape[-2] > u.shape[-1] { outer = ((toU - u.matmul(left)) / row).matmul(vt) }
      if vt.shape[-1] > vt.shape[-2] {
        outer = (u / row).matmul((toV - vt.matrixTransposed.matmul(right)).matrixTransposed)
      }
    }
    guard let middle else { return [nil] }
    let inner = u.matmul(middle).matmul(vt)
    return [outer.map { inner + $0 } ?? inner]
  }
}

/// The eigenvalues, rising, and eigenvectors (columns) of symmetric matrices. Reads the lower triangle alone.
public struct SymmetricEigenOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `eigh`.
  public var name: String { "eigh" }

  /// Square matrices; outputs: values `[…, n]` and vectors `[…, n, n]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    try expectSquare(inputs[0])
    let shape = inputs[0].shape
    return [TensorSpec(inputs[0].dtype, shape.removing(-1)), TensorSpec(inputs[0].dtype, shape)]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let source = Blocks<Scalar>(inputs[0])
    let (values, vectors) = (Blocks<Scalar>(outputs[0], axes: 1), Blocks<Scalar>(outputs[1]))
    let size = inputs[0].shape[-1]
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      if size == 0 { return nil }
      vectors[index].update(from: source[index], count: size * size)
      let status = Scalar.syevd(Int32(size), vectors[index], values[index])
      return status == 0 ? nil : mismatch("matrix \(index) has a NaN or an infinity, or did not converge")
    }
  }

  /// Values and vectors.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(outputs: [0, 1]) }

  /// V (diag(g) + (Vᵀ G) / (λ_j - λ_i)) Vᵀ (Giles, "Collected matrix derivative results", 2008). Where eigenvalues are equal the
  /// vectors' gradient is not defined and is infinite or NaN.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (values, vectors) = (context.output(0), context.output(1))
    var middle = context.hasGradient(0) ? context.gradient(0).diagonalMatrix() : nil
    if context.hasGradient(1) {
      let gaps = (values.expanded(-2) - values.expanded(-1)).withInfiniteDiagonal
      let turned = vectors.matrixTransposed.matmul(context.gradient(1)) / gaps
      middle = middle.map { $0 + turned } ?? turned
    }
    guard let middle else { return [nil] }
    return [vectors.matmul(middle).matmul(vectors.matrixTransposed)]
  }
}

extension Tensor {
  /// Square matrices with infinity on the diagonal, so that a quotient by them is zero there.
  fileprivate var withInfiniteDiagonal: Tensor {
    Tensor.select(Tensor.eye(shape[-1], dtype: .bool), Tensor.full([], .infinity, dtype: dtype), self)
  }

  /// The singular value decomposition U diag(S) Vᵀ of these matrices `[…, m, n]`: U `[…, m, k]`, S `[…, k]` from the largest,
  /// and Vᵀ `[…, k, n]`, k being the smaller of m and n.
  public func svd(file: StaticString = #file, line: UInt = #line) -> (u: Tensor, s: Tensor, vt: Tensor) {
    let results = apply(SVDOperator(), [forLapack], file: file, line: line)
    return (results[0], results[1], results[2])
  }

  /// The eigenvalues `[…, n]`, from the smallest, and the eigenvectors, columns of `[…, n, n]`, of these symmetric matrices,
  /// of which the lower triangle alone is read.
  public func eigh(file: StaticString = #file, line: UInt = #line) -> (values: Tensor, vectors: Tensor) {
    let results = apply(SymmetricEigenOperator(), [forLapack], file: file, line: line)
    return (results[0], results[1])
  }
}
