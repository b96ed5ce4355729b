import DeepSeekOperators
public import DeepSeekTensor

/// The Euclidean norm of all gradients as one vector, summed in `float64`.
func gradientNorm(_ gradients: some Sequence<Tensor>) -> Double {
  var total = 0.0
  for gradient in gradients { total += gradient.sumSquares().item(as: Double.self) }
  return total.squareRoot()
}

/// What gradients of this norm are multiplied by so that it does not exceed `maximum`; as PyTorch's, with 10⁻⁶ added to
/// the norm.
func clippingFactor(norm: Double, maximum: Double) -> Double {
  Swift.min(maximum / (norm + 1e-6), 1)
}

/// Shortens the gathered gradients of `parameters` together, so that their norm as one vector does not exceed `maximum`.
///
/// Returns the norm before. An optimizer's own `clippingNorm` does the same without writing the gradients.
@discardableResult
public func clipGradients(of parameters: [Parameter], toNorm maximum: Double) -> Double {
  let gradients = parameters.compactMap(\.gradient)
  let norm = gradientNorm(gradients)
  let factor = clippingFactor(norm: norm, maximum: maximum)
  if factor < 1 {
    noGradient {
      for parameter in parameters { parameter.gradient = parameter.gradient.map { $0 * factor } }
    }
  }
  return norm
}

/// Brings every element of the gathered gradients of `parameters` into ±`limit`.
public func clipGradients(of parameters: [Parameter], toValue limit: Double) {
  noGradient {
    for parameter in parameters { parameter.gradient = parameter.gradient.map { $0.clamp(-limit, limit) } }
  }
}
