public import DeepSeekTensor

/// X with A X = B, for square A: `[…, n, n]` and `[…, n, k]` with equal leading axes give `[…, n, k]`.
public struct SolveOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `solve`.
  public var name: String { "solve" }

  /// Inputs: A and B.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 2)
    try expectSquare(inputs[0])
    try expectRightSide(inputs)
    return [TensorSpec(inputs[1].dtype, inputs[1].shape)]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let (matrices, right, target) = (Blocks<Scalar>(inputs[0]), Blocks<Scalar>(inputs[1]), Blocks<Scalar>(outputs[0]))
    let (size, columns) = (inputs[1].shape[-2], inputs[1].shape[-1])
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      if size == 0 || columns == 0 { return nil }
      var matrix = matrices.copy(index)
      var pivots = [Int32](repeating: 0, count: size)
      target[index].update(from: right[index], count: size * columns)
      let status = Scalar.gesv(Int32(size), Int32(columns), &matrix, &pivots, target[index])
      return status > 0 ? mismatch("matrix \(index) is singular") : nil
    }
  }

  /// A, and the solution where A's gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    Residuals(inputs: [0], outputs: gradients.contains(0) ? [0] : [])
  }

  /// A⁻ᵀ G for B, and minus that times Xᵀ for A.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let toRight = apply(self, context.input(0).matrixTransposed, context.gradient)
    return [context.wants(0) ? -toRight.matmul(context.output(0).matrixTransposed) : nil, toRight]
  }
}

/// X with A X = B, for triangular A, whose other triangle is not read.
public struct TriangularSolveOperator: MatrixOperator {
  /// Whether A is upper triangular.
  public let isUpper: Bool
  /// Whether Aᵀ stands in A's place.
  public let isTransposed: Bool
  /// Whether the diagonal is taken as ones.
  public let isUnit: Bool

  /// For this kind of triangle.
  public init(isUpper: Bool, isTransposed: Bool = false, isUnit: Bool = false) {
    self.isUpper = isUpper
    self.isTransposed = isTransposed
    self.isUnit = isUnit
  }

  /// `triangular_solve`.
  public var name: String { "triangular_solve" }

  /// Inputs: A and B.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 2)
    try expectSquare(inputs[0])
    try expectRightSide(inputs)
    return [TensorSpec(inputs[1].dtype, inputs[1].shape)]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let (matrices, right, target) = (Blocks<Scalar>(inputs[0]), Blocks<Scalar>(inputs[1]), Blocks<Scalar>(outputs[0]))
    let (size, columns) = (inputs[1].shape[-2], inputs[1].shape[-1])
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      if size == 0 || columns == 0 { return nil }
      target[index].update(from: right[index], count: size * columns)
      Scalar.trsm(isUpper, isTransposed, isUnit, Int32(size), Int32(columns), matrices[index], target[index])
      return nil
    }
  }

  /// A, and the solution where A's gradient is wanted.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    Residuals(inputs: [0], outputs: gradients.contains(0) ? [0] : [])
  }

  /// As ``SolveOperator``'s, kept to the triangle that is read.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let other = TriangularSolveOperator(isUpper: isUpper, isTransposed: !isTransposed, isUnit: isUnit)
    let toRight = apply(other, context.input(0), context.gradient)
    guard context.wants(0) else { return [nil, toRight] }
    let x = context.output(0)
    let whole = isTransposed ? -x.matmul(toRight.matrixTransposed) : -toRight.matmul(x.matrixTransposed)
    let edge = isUnit ? 1 : 0
    return [isUpper ? whole.triu(diagonal: edge) : whole.tril(diagonal: -edge), toRight]
  }
}

extension Operator {
  /// Checks that B's matrices belong to A's.
  func expectRightSide(_ inputs: [TensorSpec]) throws {
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    guard a.rank == b.rank, a.leading(a.rank - 2) == b.leading(b.rank - 2), a.dimension(-2) == b.dimension(-2) else {
      throw mismatch("matrices \(a) and right sides \(b); […, n, n] and […, n, k] with equal leading axes are expected")
    }
  }
}

extension Tensor {
  /// Two stacks of matrices in one precision, their leading axes broadcast.
  static func stacked(
    _ a: Tensor, _ b: Tensor, _ operation: String, file: StaticString, line: UInt
  ) -> (Tensor, Tensor) {
    let (first, second) = promoted(a.forLapack, b.forLapack, operation, file: file, line: line)
    if first.rank < 2 || second.rank < 2 {
      fatalError("\(operation): \(first.shape) and \(second.shape); matrices are expected", file: file, line: line)
    }
    do {
      let batch = try Shape.broadcast(
        first.shape.leading(first.rank - 2), second.shape.leading(second.rank - 2), in: operation)
      func stretched(_ tensor: Tensor) -> Tensor {
        tensor.broadcast(to: Shape(batch.dimensions + [tensor.dimension(-2), tensor.dimension(-1)]))
      }
      return (stretched(first), stretched(second))
    } catch {
      fatalError("\(error)", file: file, line: line)
    }
  }

  /// X with A X = B, these square matrices `[…, n, n]` being A and B `[…, n, k]` or one vector `[n]`. Leading axes broadcast.
  /// Traps when a matrix is singular. Costs 2/3 n³ operations a matrix.
  public func solve(_ right: Tensor, file: StaticString = #file, line: UInt = #line) -> Tensor {
    if right.rank == 1 {
      return solve(right.expanded(-1), file: file, line: line).squeezed(-1)
    }
    let (a, b) = Tensor.stacked(self, right, "solve", file: file, line: line)
    return apply(SolveOperator(), a, b, file: file, line: line)
  }

  /// X with A X = B, or Aᵀ X = B, for triangular A, whose other triangle is not read. Leading axes broadcast.
  public func solveTriangular(
    _ right: Tensor, upper: Bool, transposed: Bool = false, unitDiagonal: Bool = false, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let (a, b) = Tensor.stacked(self, right, "triangular_solve", file: file, line: line)
    let operation = TriangularSolveOperator(isUpper: upper, isTransposed: transposed, isUnit: unitDiagonal)
    return apply(operation, a, b, file: file, line: line)
  }

  /// The inverse of each of these square matrices; traps when one is singular. To solve equations, ``solve(_:file:line:)`` is
  /// faster and more exact.
  public func inverse(file: StaticString = #file, line: UInt = #line) -> Tensor {
    if rank < 2 { fatalError("inverse: \(shape); square matrices are expected", file: file, line: line) }
    return solve(Tensor.eye(shape[-1], dtype: forLapack.dtype), file: file, line: line)
  }
}
