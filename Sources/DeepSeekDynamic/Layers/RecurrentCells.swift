import DeepSeekOperators
public import DeepSeekTensor

/// One step of a recurrent network at a time, for loops that decide from step to step.
struct RecurrentStep: Sendable {
  let cell: RecurrentCell
  let parameters: RecurrentParameters

  init(_ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, bias: Bool, dtype: DType) {
    self.cell = cell
    parameters = RecurrentParameters(
      suffix: "", gates: cell.gateCount, inputs: inputs, hidden: hidden, bias: bias, dtype: dtype)
  }

  func callAsFunction(_ input: Tensor, _ states: [Tensor?]) -> [Tensor] {
    input.expanded(0).recurrent(cell, parameters.weights, states: states).states
  }
}

/// One step of an ``LSTM``. Keys as PyTorch's: `weight_ih` `[4 * hidden, inputs]`, `weight_hh`, `bias_ih`, `bias_hh`.
public final class LSTMCell: Module {
  /// The hidden state and the memory cell, each `[batch, hidden]`.
  public typealias State = LSTM.State

  private let step: RecurrentStep

  /// Random weights, uniform within ±1/√hidden.
  public init(_ inputs: Int, _ hidden: Int, bias: Bool = true, dtype: DType = .float32) {
    step = RecurrentStep(.lstm, inputs, hidden, bias: bias, dtype: dtype)
  }

  /// The weights under PyTorch's names.
  public var fields: [ModuleField] { step.parameters.fields }

  /// From an input `[batch, inputs]` and a state, zeros when it is `nil`, to the next state.
  public func callAsFunction(_ input: Tensor, _ state: State? = nil) -> State {
    let next = step(input, [state?.hidden, state?.cell])
    return State(hidden: next[0], cell: next[1])
  }
}

/// One step of a ``GRU``. Keys as PyTorch's: `weight_ih` `[3 * hidden, inputs]`, `weight_hh`, `bias_ih`, `bias_hh`.
public final class GRUCell: Module {
  private let step: RecurrentStep

  /// Random weights, uniform within ±1/√hidden.
  public init(_ inputs: Int, _ hidden: Int, bias: Bool = true, dtype: DType = .float32) {
    step = RecurrentStep(.gru, inputs, hidden, bias: bias, dtype: dtype)
  }

  /// The weights under PyTorch's names.
  public var fields: [ModuleField] { step.parameters.fields }

  /// From an input `[batch, inputs]` and a hidden state `[batch, hidden]`, zeros when it is `nil`, to the next.
  public func callAsFunction(_ input: Tensor, _ state: Tensor? = nil) -> Tensor { step(input, [state])[0] }
}
