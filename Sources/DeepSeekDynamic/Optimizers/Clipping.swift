import DeepSeekOperators
public import DeepSeekTensor

/// The Euclidean norm of all gradients as one vector, `float64[]`: each tensor's part is summed in its own type or `float32`,
/// the rest in `float64`.
func gradientNorm(_ gradients: some Sequence<Tensor>) -> Tensor {
  var total = Tensor([], [0.0])
  for gradient in gradients {
    let wide = gradient.dtype == .float64 ? gradient : gradient.cast(to: .float32)
    total = total + wide.sumSquares().cast(to: .float64)
  }
  return total.sqrt()
}

/// What gradients of this norm are multiplied by so that it does not exceed `maximum`; as PyTorch's, with 10⁻⁶ added to
/// the norm.
func clippingFactor(norm: Tensor, maximum: Double) -> Tensor { (maximum / (norm + 1e-6)).minimum(1) }

/// Shortens the gathered gradients of `parameters` together, so that their norm as one vector does not exceed `maximum`.
///
/// Returns the norm before, `float64[]`. An optimizer's own `clippingNorm` does the same without writing the gradients.
@discardableResult
public func clipGradients(of parameters: [Parameter], toNorm maximum: Double) -> Tensor {
  noGradient {
    let norm = gradientNorm(parameters.compactMap(\.gradient))
    let factor = clippingFactor(norm: norm, maximum: maximum)
    // Short gradients need no pass; within a capture nobody knows yet whether they are.
    if factor.graphValue == nil && factor.item(as: Double.self) == 1 { return norm }
    for parameter in parameters {
      parameter.gradient = parameter.gradient.map { $0 * factor.cast(to: $0.dtype) }
    }
    return norm
  }
}

/// Brings every element of the gathered gradients of `parameters` into ±`limit`.
public func clipGradients(of parameters: [Parameter], toValue limit: Double) {
  noGradient {
    for parameter in parameters { parameter.gradient = parameter.gradient.map { $0.clamp(-limit, limit) } }
  }
}
