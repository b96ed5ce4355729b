public import DeepSeekTensor

/// The cofactors of each square matrix: how its determinant changes with each element. For A = U diag(s) Vᵀ they are
/// det U · det V · U diag(products of all other s) Vᵀ, which needs no inverse.
public struct CofactorOperator: MatrixOperator {
  /// The operator; it has no attributes.
  public init() {}

  /// `cofactor`.
  public var name: String { "cofactor" }

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
      if size == 0 { return nil }
      var matrix = source.copy(index)
      var values = [Scalar](repeating: 0, count: size)
      var left = [Scalar](repeating: 0, count: size * size)
      var right = left
      let out = target[index]
      if Scalar.gesdd(Int32(size), Int32(size), &matrix, &values, &left, &right) != 0 {
        // A NaN or an infinity goes on as NaN, as it does through the determinant itself.
        out.update(repeating: .nan, count: size * size)
        return nil
      }
      var (first, second) = (left, right)
      let sign: Scalar = Lapack.determinant(&first, size) * Lapack.determinant(&second, size) < 0 ? -1 : 1
      // All but one: the product of those before it and of those behind it.
      var behind = [Scalar](repeating: 1, count: size)
      for place in (0..<size - 1).reversed() { behind[place] = behind[place + 1] * values[place + 1] }
      var before = sign
      out.update(repeating: 0, count: size * size)
      for place in 0..<size {
        let others = before * behind[place]
        before *= values[place]
        for row in 0..<size {
          let weight = left[row * size + place] * others
          for column in 0..<size { out[row * size + column] += weight * right[place * size + column] }
        }
      }
      return nil
    }
  }

  /// The matrices and their cofactors.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0], outputs: [0]) }

  /// C Σ(G A⁻ᵀ) - C Gᵀ A⁻ᵀ, with C = det A · A⁻ᵀ. Traps for a singular matrix: second derivatives need an inverse.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (cofactors, g) = (context.output(0), context.gradient)
    let inverse = context.input(0).inverse().matrixTransposed
    let total = (g * inverse).sum(axes: [-2, -1], keepAxes: true)
    return [cofactors * total - cofactors.matmul(g.matrixTransposed).matmul(inverse)]
  }

  /// The inverse transposed, times the determinant.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let determinant = apply(DeterminantValueOperator(), inputs[0])
    return [inputs[0].inverse().matrixTransposed * determinant.expanded(-1).expanded(-1)]
  }
}
