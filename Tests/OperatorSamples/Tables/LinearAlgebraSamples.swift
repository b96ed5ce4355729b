import DeepSeekOperators
import DeepSeekTensor

/// Linear algebra. Where signs of vectors are free, the rows compute what does not depend on them.
func addLinearAlgebraSamples(to table: inout SampleTable) {
  let exact: [DType] = [.float64, .float32]
  let square = SampleInput([2, 3, 3], .invertible)
  table.row("solve", [square, .plain(2, 3, 2)], torch: "torch.linalg.solve(a, b)", dtypes: exact, tolerance: 8) {
    $0[0].solve($0[1])
  }
  table.row(
    "solve/vector", [SampleInput([4, 4], .invertible), .plain(4)], torch: "torch.linalg.solve(a, b)",
    dtypes: exact, tolerance: 8
  ) { $0[0].solve($0[1]) }
  table.row(
    "solve/broadcast", [square, .plain(3, 2)], torch: "torch.linalg.solve(a, b.expand(2, 3, 2))", dtypes: exact,
    tolerance: 8
  ) { $0[0].solve($0[1]) }
  table.row(
    "solve/empty", [SampleInput([0, 3, 3], .invertible), .plain(0, 3, 2)], torch: "torch.linalg.solve(a, b)",
    dtypes: exact
  ) { $0[0].solve($0[1]) }
  table.row("inverse", [square], torch: "a.inverse()", dtypes: exact, tolerance: 8) { $0[0].inverse() }
  table.row("determinant", [square], torch: "torch.linalg.det(a)", dtypes: exact, tolerance: 16) { $0[0].determinant() }
  // Of rank 3 with a negative determinant, 2, 1 and 0.
  let ranks: [Double] = [0, 1, 2, 1, 0, 3, 4, -1, 1, 1, 2, 3, 2, 4, 6, 1, 0, 1, 1, 2, 3, 2, 4, 6, -1, -2, -3]
  let singular = SampleInput([4, 3, 3], .fixed(ranks + Array(repeating: 0, count: 9)))
  // An engine's own gradient divides by the determinant.
  table.row("determinant/singular", [singular], dtypes: exact, derivatives: 1, tolerance: 16, captures: false) {
    $0[0].determinant()
  }
  table.row("determinant/one element", [.plain(3, 1, 1)], torch: "a[:, 0, 0]", dtypes: exact) { $0[0].determinant() }
  let swapped = SampleInput([2, 2], .fixed([0.25, 2, 1.5, 0.5]))
  table.rows("slogdet", [swapped], torch: "tuple(torch.linalg.slogdet(a))", dtypes: exact, tolerance: 8) {
    let result = $0[0].signAndLogDeterminant()
    return [result.sign, result.logarithm]
  }
  for isUpper in [false, true] {
    for isTransposed in [false, true] {
      let matrix = isTransposed ? "a.mT" : "a"
      let torch = "torch.linalg.solve_triangular(\(matrix), b, upper=\(isUpper != isTransposed ? "True" : "False"))"
      let name = "triangular_solve/\(isUpper ? "upper" : "lower")\(isTransposed ? ", transposed" : "")"
      table.row(name, [square, .plain(2, 3, 2)], torch: torch, dtypes: exact, tolerance: 8) {
        $0[0].solveTriangular($0[1], upper: isUpper, transposed: isTransposed)
      }
    }
  }
  table.row(
    "triangular_solve/unit", [SampleInput([3, 3]), .plain(3, 2)],
    torch: "torch.linalg.solve_triangular(a, b, upper=False, unitriangular=True)", dtypes: exact, tolerance: 16
  ) { $0[0].solveTriangular($0[1], upper: false, unitDiagonal: true) }
  addFactorizations(to: &table, exact)
  addNorms(to: &table, exact)
}

private func addFactorizations(to table: inout SampleTable, _ exact: [DType]) {
  let symmetric = SampleInput([2, 3, 3], .positiveDefinite)
  let half = "(a + a.mT) / 2"
  table.row("cholesky", [symmetric], torch: "torch.linalg.cholesky(\(half))", dtypes: exact, tolerance: 8) {
    (($0[0] + $0[0].matrixTransposed) * 0.5).cholesky()
  }
  table.row(
    "cholesky/empty", [SampleInput([0, 3, 3], .positiveDefinite)], torch: "torch.linalg.cholesky(a)", dtypes: exact
  ) {
    $0[0].cholesky()
  }
  table.row("svd/empty", [.plain(2, 0, 3)], torch: "torch.linalg.svdvals(a)", dtypes: exact, derivatives: 0) {
    $0[0].svd().s
  }
  for (name, shape) in [("tall", [2, 4, 3]), ("square", [3, 3]), ("wide", [2, 4])] {
    let matrix = SampleInput(shape, .invertible)
    table.rows("qr/\(name)", [matrix], torch: "tuple(torch.linalg.qr(a))", dtypes: exact, tolerance: 16) {
      let result = $0[0].qr()
      return [result.q, result.r]
    }
    let torch = "(lambda r: (r[0] ** 2, r[1], r[2] ** 2))(torch.linalg.svd(a, full_matrices=False))"
    table.rows(
      "svd/\(name)", [matrix], torch: torch, dtypes: exact, derivatives: name == "square" ? 2 : 1, tolerance: 64
    ) {
      let result = $0[0].svd()
      return [result.u.square(), result.s, result.vt.square()]
    }
    let right = SampleInput(shape.dropLast() + [2])
    table.row("lstsq/\(name)", [matrix, right], torch: "torch.linalg.pinv(a) @ b", dtypes: exact, tolerance: 64) {
      $0[0].leastSquares($0[1])
    }
  }
  table.row(
    "svd/values", [SampleInput([3, 5], .invertible)], torch: "torch.linalg.svdvals(a)", dtypes: exact, tolerance: 16
  ) {
    $0[0].svd().s
  }
  let deficient = SampleInput([3, 2], .fixed([1, 2, 2, 4, 3, 6]), isDifferentiable: false)
  table.row(
    "lstsq/deficient rank", [deficient, SampleInput([3, 1], isDifferentiable: false)],
    torch: "torch.linalg.pinv(a) @ b", dtypes: exact, tolerance: 64
  ) { $0[0].leastSquares($0[1]) }
  table.rows(
    "eigh", [symmetric], torch: "(lambda r: (r[0], r[1] ** 2))(torch.linalg.eigh(\(half)))", dtypes: exact,
    tolerance: 64
  ) {
    let result = (($0[0] + $0[0].matrixTransposed) * 0.5).eigh()
    return [result.values, result.vectors.square()]
  }
}

private func addNorms(to table: inout SampleTable, _ exact: [DType]) {
  table.row("norm", [.plain(3, 4)], torch: "torch.linalg.vector_norm(a)", tolerance: 2) { $0[0].norm() }
  table.row("norm/1", [.plain(3, 4)], torch: "torch.linalg.vector_norm(a, 1, 1)") { $0[0].norm(1, axes: [1]) }
  table.row("norm/3", [.plain(3, 4)], torch: "torch.linalg.vector_norm(a, 3, 0)", tolerance: 8) {
    $0[0].norm(3, axes: [0])
  }
  table.row("norm/infinity", [.distinct(3, 3)], torch: "a.abs().amax(0)", derivatives: 0) {
    $0[0].norm(.infinity, axes: [0])
  }
  let zeros = SampleInput([2, 2], .fixed([0, 0, 3, 4]))
  table.row("norm/zero", [zeros], torch: "torch.linalg.vector_norm(a, 2, 1)", derivatives: 1, hasTrueGradient: false) {
    $0[0].norm(axes: [1])
  }
  let matrix = SampleInput([2, 3, 4], .invertible)
  let kinds: [(MatrixNorm, String)] = [
    (.frobenius, "'fro'"), (.nuclear, "'nuc'"), (.spectral, "2"), (.columnSum, "1"), (.rowSum, "float('inf')"),
  ]
  for (kind, name) in kinds {
    table.row(
      "matrix_norm/\(kind)", [matrix], torch: "torch.linalg.matrix_norm(a, \(name))", dtypes: exact,
      derivatives: 1, tolerance: 16
    ) { $0[0].matrixNorm(kind) }
  }
  for power in [-2, 0, 1, 5] {
    let unit = SampleInput([2, 2, 2], .invertible, isDifferentiable: power != 0)
    table.row(
      "matrix_power/\(power)", [unit], torch: "torch.linalg.matrix_power(a, \(power))", dtypes: exact,
      tolerance: 16
    ) { $0[0].matrixPower(power) }
  }
}
