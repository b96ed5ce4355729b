import DeepSeekOperators
import DeepSeekTensor

/// Weights to whole numbers, one input after another: what one loses to rounding is made good by those that follow, as far as
/// the inputs' correlations allow (Frantar and others, "GPTQ", arXiv:2210.17323).
struct GPTQ {
  /// What is added to the diagonal of the sums of products, as a share of its mean.
  let damping: Double
  let format: WeightFormat
  let clips: Bool
  let perTensor: Bool

  /// Inputs whose errors are spread within a block before the rest is brought up to date in one product.
  private static let blockSize = 128

  /// The weight `[outputs, inputs]` in few bits, for inputs with these sums of products XᵀX `[inputs, inputs]`.
  func callAsFunction(_ weight: Tensor, products: Tensor) -> QuantizedWeight {
    let inputs = weight.shape[1]
    let (factor, dead) = upperFactor(products)
    // An input that is always zero says nothing; its weights may as well be zero.
    let weight = Tensor.select(dead.expanded(0), Tensor.zeros(weight.shape), weight)
    let grid =
      clips
      ? WeightGrid(clipping: weight, format, perTensor: perTensor)
      : WeightGrid(weight, format, perTensor: perTensor)
    // Inputs as rows, so that one of them is contiguous.
    var rest = weight.transposed().contiguous()
    var codes: [Tensor] = []
    for start in stride(from: 0, to: inputs, by: GPTQ.blockSize) {
      let end = Swift.min(start + GPTQ.blockSize, inputs)
      let count = end - start
      var block = rest.sliced(0, 0..<count)
      var errors: [Tensor] = []
      for index in start..<end {
        let column = block.selected(0, 0)
        let rounded = grid.column(column, at: index)
        codes.append(rounded.codes)
        let error = (column - rounded.values) / factor.selected(0, index).selected(0, index)
        errors.append(error)
        let left = end - index - 1
        if left > 0 {
          let shares = factor.selected(0, index).sliced(0, (index + 1)..<end)
          block = block.sliced(0, 1..<(left + 1)) - shares.expanded(1) * error.expanded(0)
        }
      }
      if end < inputs {
        let shares = factor.sliced(0, start..<end).sliced(1, end..<inputs)
        rest = rest.sliced(0, count..<rest.shape[0]) - shares.transposed().matmul(Tensor.stack(errors))
      }
    }
    return QuantizedWeight(Tensor.stack(codes).transposed().contiguous(), grid)
  }

  /// The upper Cholesky factor of the inverse of the damped sums, and which inputs are always zero.
  private func upperFactor(_ products: Tensor) -> (factor: Tensor, dead: Tensor) {
    let wide = products.cast(to: .float64)
    let diagonal = wide.diagonal()
    let dead = diagonal.equal(to: 0)
    let mean = diagonal.mean().maximum(1e-12)
    let added = Tensor.select(dead, Tensor.ones(like: diagonal) * mean, mean * damping + Tensor.zeros(like: diagonal))
    let lower = (wide + added.diagonalMatrix()).cholesky()
    // A = L Lᵀ, so A⁻¹ = L⁻ᵀ L⁻¹, whose own lower factor C gives the upper one Cᵀ.
    let inverse = lower.solveTriangular(.eye(products.shape[0], dtype: .float64), upper: false)
    return (inverse.transposed().matmul(inverse).cholesky().transposed().cast(to: .float32).contiguous(), dead)
  }
}
