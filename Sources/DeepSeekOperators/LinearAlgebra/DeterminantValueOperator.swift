public import DeepSeekTensor

/// The determinant of each square matrix, by LU. Its gradient is defined for singular matrices too.
public struct DeterminantValueOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `determinant`.
  public var name: String { "determinant" }

  /// Square matrices; the output has their leading axes.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectMatrices(inputs, 1)
    try expectSquare(inputs[0])
    return [TensorSpec(inputs[0].dtype, inputs[0].shape.leading(inputs[0].shape.rank - 2))]
  }

  func compute<Scalar: LapackScalar>(_ inputs: [Tensor], _ outputs: [Tensor], _ type: Scalar.Type) throws {
    let (matrices, values) = (Blocks<Scalar>(inputs[0]), Blocks<Scalar>(outputs[0], axes: 0))
    let size = inputs[0].shape[-1]
    try Lapack.forEach(inputs[0].matrixCount, elements: size * size) { index in
      var matrix = matrices.copy(index)
      values[index].pointee = Lapack.determinant(&matrix, size)
      return nil
    }
  }

  /// The matrices.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0]) }

  /// The cofactors, each times the gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    [apply(CofactorOperator(), context.input(0)) * context.gradient.expanded(-1).expanded(-1)]
  }

  /// The sign, times e to the power of the logarithm.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (sign, logarithm) = inputs[0].signAndLogDeterminant()
    return [sign * logarithm.exp()]
  }
}
