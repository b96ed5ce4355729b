import DeepSeekOperators
public import DeepSeekTensor

/// A recurrent network with a memory cell (Hochreiter and Schmidhuber, 1997), of one or more layers, in one direction or
/// both.
///
/// Keys and gate order (input, forget, cell, output) as PyTorch's: `weight_ih_l0` `[4 * hidden, inputs]`, `weight_hh_l0`
/// `[4 * hidden, hidden]`, `bias_ih_l0`, `bias_hh_l0`, and so on with `_reverse` for the way back.
public final class LSTM: Layer {
  /// The last hidden state and cell, each `[layers * directions, batch, hidden]`.
  public struct State: Sendable {
    /// The hidden state.
    public var hidden: Tensor
    /// The memory cell.
    public var cell: Tensor

    /// A state to start from.
    public init(hidden: Tensor, cell: Tensor) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  private let stack: RecurrentStack

  /// Random weights, uniform within ±1/√hidden. `dropout` stands between layers.
  public init(
    _ inputs: Int, _ hidden: Int, layerCount: Int = 1, bias: Bool = true, batchFirst: Bool = true, dropout: Double = 0,
    isBidirectional: Bool = false, dtype: DType = .float32
  ) {
    stack = RecurrentStack(
      .lstm, inputs, hidden, layerCount: layerCount, bias: bias, batchFirst: batchFirst, dropout: dropout,
      isBidirectional: isBidirectional, dtype: dtype)
  }

  /// The weights under PyTorch's names.
  public var fields: [ModuleField] { stack.fields }

  /// `[batch, sequence, inputs]` to `[batch, sequence, directions * hidden]`, the first two axes swapped unless batch first.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, state: nil).output }

  /// The same from a state, zeros when it is `nil`; gives the last state too.
  public func callAsFunction(_ input: Tensor, state: State?) -> (output: Tensor, state: State) {
    let result = stack.run(input, states: state.map { [$0.hidden, $0.cell] })
    return (result.output, State(hidden: result.states[0], cell: result.states[1]))
  }
}
