import DeepSeekTensor

/// The gradients of scatters that multiply, or keep the larger or the smaller: the same for one index and for several.
struct ScatterReduction {
  /// How an element meets the one that is there.
  let mode: ScatterOperator.Mode
  /// A copy of the second tensor, of the input's shape, which the third, of the source's, meets where the indices say.
  let scatter: (ScatterOperator.Mode, Tensor, Tensor) -> Tensor
  /// The elements where the indices say, in the source's shape.
  let gather: (Tensor) -> Tensor

  /// The gradients of the input and of the source, of what came out and its own gradient.
  func gradients(_ x: Tensor, _ source: Tensor, _ output: Tensor, _ g: Tensor) -> (toInput: Tensor, toSource: Tensor) {
    mode == .multiply ? productGradients(x, source, output, g) : extremeGradients(x, source, output, g)
  }

  /// Those that equal what came out share its gradient evenly.
  private func extremeGradients(
    _ x: Tensor, _ source: Tensor, _ output: Tensor, _ g: Tensor
  ) -> (toInput: Tensor, toSource: Tensor) {
    let inputWins = x.equal(to: output).cast(to: g.dtype)
    let sourceWins = source.equal(to: gather(output)).cast(to: g.dtype)
    let share = g / scatter(.add, inputWins, sourceWins)
    return (share * inputWins, gather(share) * sourceWins)
  }

  /// The product of all others at a place: by division where nothing is zero, by leaving one out where something is.
  private func productGradients(
    _ x: Tensor, _ source: Tensor, _ output: Tensor, _ g: Tensor
  ) -> (toInput: Tensor, toSource: Tensor) {
    let (one, zero) = (Tensor.ones([], dtype: g.dtype), Tensor.zeros([], dtype: g.dtype))
    let (inputIsZero, sourceIsZero) = (x.equal(to: 0), source.equal(to: 0))
    let (safeInput, safeSource) = (Tensor.select(inputIsZero, one, x), Tensor.select(sourceIsZero, one, source))
    let zeros = scatter(.add, inputIsZero.cast(to: g.dtype), sourceIsZero.cast(to: g.dtype))
    let product = scatter(.multiply, safeInput, safeSource)
    func others(_ isZero: Tensor, _ safe: Tensor, _ zeros: Tensor, _ product: Tensor) -> Tensor {
      let withoutZeros = Tensor.select(zeros.equal(to: 0), product / safe, zero)
      return withoutZeros + Tensor.select(zeros.equal(to: 1).logicalAnd(isZero), product, zero)
    }
    return (
      g * others(inputIsZero, safeInput, zeros, product),
      gather(g) * others(sourceIsZero, safeSource, gather(zeros), gather(product))
    )
  }
}
