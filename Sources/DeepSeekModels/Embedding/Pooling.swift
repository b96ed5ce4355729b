import DeepSeekOperators
public import DeepSeekTensor

/// How the hidden states of a sequence become one vector.
public enum Pooling: String, Sendable, Hashable {
  /// The mean of the states that count.
  case mean
  /// The first token's state.
  case firstToken
  /// The largest of each component over the states that count.
  case max
  /// The sum of the states that count, divided by the square root of their number.
  case meanSqrtLength

  /// `[batch, hidden]` from states `[batch, sequence, hidden]` and a mask `[batch, sequence]`, non-zero where one counts.
  public func callAsFunction(_ states: Tensor, mask: Tensor) -> Tensor {
    let weights = mask.notEqual(to: 0).cast(to: states.dtype).expanded(2)
    let count = weights.sum(axis: 1).maximum(1e-9)
    switch self {
    case .mean: return (states * weights).sum(axis: 1) / count
    case .meanSqrtLength: return (states * weights).sum(axis: 1) / count.sqrt()
    case .firstToken: return states.selected(1, 0)
    case .max:
      let hidden = Tensor.full([], -1e9, dtype: states.dtype)
      return Tensor.select(weights.notEqual(to: 0), states, hidden).max(axis: 1)
    }
  }
}
