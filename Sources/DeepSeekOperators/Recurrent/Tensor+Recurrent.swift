public import DeepSeekTensor

/// The weights of one direction of a recurrent layer, laid out as PyTorch has them.
public struct RecurrentWeights: Sendable {
  /// `[gates · hidden, features]`.
  public var input: Tensor
  /// `[gates · hidden, hidden]`.
  public var hidden: Tensor
  /// `[gates · hidden]`; none counts as zeros.
  public var inputBias: Tensor?
  /// `[gates · hidden]`; none counts as zeros.
  public var hiddenBias: Tensor?

  /// These weights and biases.
  public init(input: Tensor, hidden: Tensor, inputBias: Tensor? = nil, hiddenBias: Tensor? = nil) {
    self.input = input
    self.hidden = hidden
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }
}

extension Tensor {
  /// A recurrent layer of this cell over `[sequence, batch, features]`: the hidden states `[sequence, batch, hidden]`, and
  /// the last states `[batch, hidden]`, the hidden one first. `states` are those to begin with, one for each that the cell
  /// has; `nil` counts as zeros. Reversed, it runs from the last step to the first.
  public func recurrent(
    _ cell: RecurrentCell, _ weights: RecurrentWeights, states: [Tensor?], isReversed: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> (output: Tensor, states: [Tensor]) {
    if rank != 3 || weights.hidden.rank != 2 {
      fatalError(
        "\(RecurrentOperator(cell).name): input \(shape), hidden weight \(weights.hidden.shape); [sequence, batch, features] "
          + "and [gates · hidden, hidden] are expected", file: file, line: line)
    }
    let state = Shape([dimension(1), weights.hidden.dimension(1)])
    let rows = Shape([weights.hidden.dimension(0)])
    let first = states.map { $0 ?? stretched(0, to: state) }
    if dimension(0) == 0 { return (stretched(0, to: Shape([0] + state.dimensions)), first) }
    let biases = [weights.inputBias ?? stretched(0, to: rows), weights.hiddenBias ?? stretched(0, to: rows)]
    let sequence = isReversed ? flipped([0]) : self
    let outputs = apply(
      RecurrentOperator(cell), [sequence] + first + [weights.input, weights.hidden] + biases, file: file, line: line)
    let final =
      cell.hasCellState ? [outputs[0].selected(0, -1), outputs[2].selected(0, -1)] : [outputs[0].selected(0, -1)]
    return (isReversed ? outputs[0].flipped([0]) : outputs[0], final)
  }

  /// A long short-term memory over `[sequence, batch, features]`: the hidden states `[sequence, batch, hidden]`, and the last
  /// hidden and cell states `[batch, hidden]` (Hochreiter and Schmidhuber, 1997). States begin at zero unless given.
  /// Reversed, it runs from the last step to the first, and the last state is that of the first step.
  public func lstm(
    _ weights: RecurrentWeights, hidden: Tensor? = nil, cell: Tensor? = nil, isReversed: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> (output: Tensor, hidden: Tensor, cell: Tensor) {
    let result = recurrent(.lstm, weights, states: [hidden, cell], isReversed: isReversed, file: file, line: line)
    return (result.output, result.states[0], result.states[1])
  }

  /// A gated recurrent unit over `[sequence, batch, features]`: the hidden states `[sequence, batch, hidden]`, and the last
  /// (Cho et al., arXiv:1406.1078).
  public func gru(
    _ weights: RecurrentWeights, hidden: Tensor? = nil, isReversed: Bool = false, file: StaticString = #file,
    line: UInt = #line
  ) -> (output: Tensor, hidden: Tensor) {
    let result = recurrent(.gru, weights, states: [hidden], isReversed: isReversed, file: file, line: line)
    return (result.output, result.states[0])
  }

  /// A simple recurrent layer over `[sequence, batch, features]`, with `.tanh` or `.relu`: the hidden states
  /// `[sequence, batch, hidden]`, and the last (Elman, 1990).
  public func simpleRecurrent(
    _ cell: RecurrentCell = .tanh, _ weights: RecurrentWeights, hidden: Tensor? = nil, isReversed: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> (output: Tensor, hidden: Tensor) {
    if cell.savedCount > 0 {
      fatalError("rnn: the cell is \(cell.rawValue); tanh or relu is expected", file: file, line: line)
    }
    let result = recurrent(cell, weights, states: [hidden], isReversed: isReversed, file: file, line: line)
    return (result.output, result.states[0])
  }
}
