import DeepSeekTensor

/// What a recurrent layer does at each step.
public enum RecurrentCell: String, Sendable, Hashable, Codable, CaseIterable {
  /// Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000). Gates in the order
  /// input, forget, cell, output.
  case lstm
  /// Gated recurrent unit (Cho et al., arXiv:1406.1078), the reset gate applied after the product. Gates in the order reset,
  /// update, new.
  case gru
  /// tanh of the sum of both products.
  case tanh
  /// The larger of zero and the sum of both products.
  case relu

  /// How many gates it has: the weights have so many times the hidden width in rows.
  public var gateCount: Int {
    switch self {
    case .lstm: 4
    case .gru: 3
    case .tanh, .relu: 1
    }
  }

  /// How many numbers of each hidden unit its gradient reads beside the states.
  var savedCount: Int { self == .lstm || self == .gru ? 4 : 0 }

  /// Whether it has a cell state beside the hidden one.
  public var hasCellState: Bool { self == .lstm }

  /// One step in simple operators: from the products (biases included) and the states to the new states.
  func step(_ x: Tensor, _ h: Tensor, _ hidden: Tensor, _ cell: Tensor?) -> (hidden: Tensor, cell: Tensor?) {
    switch self {
    case .tanh: return ((x + h).tanh(), nil)
    case .relu: return ((x + h).relu(), nil)
    case .lstm:
      let gates = (x + h).chunked(4, axis: 1)
      let next = gates[1].sigmoid() * cell! + gates[0].sigmoid() * gates[2].tanh()
      return (gates[3].sigmoid() * next.tanh(), next)
    case .gru:
      let (fromInput, fromHidden) = (x.chunked(3, axis: 1), h.chunked(3, axis: 1))
      let reset = (fromInput[0] + fromHidden[0]).sigmoid()
      let update = (fromInput[1] + fromHidden[1]).sigmoid()
      let candidate = (fromInput[2] + reset * fromHidden[2]).tanh()
      return (candidate + update * (hidden - candidate), nil)
    }
  }
}
