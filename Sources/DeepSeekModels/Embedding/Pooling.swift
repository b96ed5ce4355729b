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

  /// `[texts, hidden]` from the states `[tokens, hidden]` of packed texts; see ``PackedTokens``.
  ///
  /// The maximum takes memory for each text as if it had all tokens; all others take none to speak of.
  public func callAsFunction(_ states: Tensor, offsets: Tensor) -> Tensor {
    if self == .firstToken { return states.firstRows(offsets: offsets) }
    let members = states.membership(offsets: offsets)
    if self == .max {
      let hidden = Tensor.full([], -1e9, dtype: states.dtype)
      return Tensor.select(members.expanded(2), states.expanded(0), hidden).max(axis: 1)
    }
    let weights = members.cast(to: states.dtype)
    let count = weights.sum(axis: 1, keepAxes: true).maximum(1e-9)
    return weights.matmul(states) / (self == .mean ? count : count.sqrt())
  }
}
