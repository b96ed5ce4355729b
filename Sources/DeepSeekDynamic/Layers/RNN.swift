public import DeepSeekOperators
public import DeepSeekTensor

/// A simple recurrent network (Elman, 1990), of one or more layers, in one direction or both.
///
/// Keys as PyTorch's: `weight_ih_l0` `[hidden, inputs]`, `weight_hh_l0` `[hidden, hidden]`, `bias_ih_l0`, `bias_hh_l0`, and so
/// on with `_reverse` for the way back.
public final class RNN: Layer {
  private let stack: RecurrentStack

  /// Random weights, uniform within ±1/√hidden. `cell` is `.tanh` or `.relu`; `dropout` stands between layers.
  public init(
    _ inputs: Int, _ hidden: Int, cell: RecurrentCell = .tanh, layerCount: Int = 1, bias: Bool = true,
    batchFirst: Bool = true, dropout: Double = 0, isBidirectional: Bool = false, dtype: DType = .float32
  ) {
    if cell.gateCount > 1 { fatalError("RNN: the cell is \(cell.rawValue); tanh or relu is expected") }
    stack = RecurrentStack(
      cell, inputs, hidden, layerCount: layerCount, bias: bias, batchFirst: batchFirst, dropout: dropout,
      isBidirectional: isBidirectional, dtype: dtype)
  }

  /// The weights under PyTorch's names.
  public var fields: [ModuleField] { stack.fields }

  /// `[batch, sequence, inputs]` to `[batch, sequence, directions * hidden]`, the first two axes swapped unless batch first.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, state: nil).output }

  /// The same from a hidden state `[layers * directions, batch, hidden]`, zeros when it is `nil`; gives the last one too.
  public func callAsFunction(_ input: Tensor, state: Tensor?) -> (output: Tensor, state: Tensor) {
    let result = stack.run(input, states: state.map { [$0] })
    return (result.output, result.states[0])
  }
}
