import CDeepSeekKernels
public import DeepSeekTensor

/// A recurrent layer over a whole sequence, in one direction: the input's products for all steps at once, then a product and
/// a fused cell each step.
///
/// Inputs: x `[sequence, batch, features]`; the first hidden state `[batch, hidden]`; for an LSTM the first cell state
/// `[batch, hidden]`; the weights `[gates · hidden, features]` and `[gates · hidden, hidden]`, and a bias `[gates · hidden]` of
/// each, laid out as PyTorch has them. Outputs: the hidden states `[sequence, batch, hidden]`; for LSTM and GRU what the
/// gradient reads, `[sequence, batch, 4 · hidden]`; for an LSTM the cell states `[sequence, batch, hidden]`.
public struct RecurrentOperator: Operator {
  /// What is done at each step.
  public let cell: RecurrentCell

  /// With this cell.
  public init(_ cell: RecurrentCell) { self.cell = cell }

  /// `lstm`, `gru`, `rnn_tanh` or `rnn_relu`.
  public var name: String { cell.savedCount > 0 ? cell.rawValue : "rnn_" + cell.rawValue }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound, .lowPrecision] }

  /// Lengths of the states follow from x and the second weight.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    let extra = cell.hasCellState ? 1 : 0
    try expect(inputs, 6 + extra...6 + extra)
    let x = inputs[0]
    try expectFloating(x)
    if let other = inputs.first(where: { $0.dtype != x.dtype }) {
      throw mismatch("the input is \(x.dtype), another \(other.dtype)")
    }
    let (weight, recurrent) = (inputs[2 + extra].shape, inputs[3 + extra].shape)
    guard x.shape.rank == 3, recurrent.rank == 2 else {
      throw mismatch(
        "input \(x.shape), hidden weight \(recurrent); "
          + "[sequence, batch, features] and [gates · hidden, hidden] are expected")
    }
    let (batch, hidden) = (x.shape.dimension(1), recurrent.dimension(1))
    let rows = hidden * Dimension(cell.gateCount)
    guard weight == Shape([rows, x.shape.dimension(2)]), recurrent == Shape([rows, hidden]) else {
      throw mismatch(
        "weights \(weight) and \(recurrent) for input \(x.shape); [\(cell.gateCount) · hidden, features] and "
          + "[\(cell.gateCount) · hidden, hidden] are expected")
    }
    for state in inputs[1...1 + extra] where state.shape != Shape([batch, hidden]) {
      throw mismatch("state \(state.shape); \(Shape([batch, hidden])), [batch, hidden], is expected")
    }
    for bias in inputs.suffix(2) where bias.shape != Shape([rows]) {
      throw mismatch("bias \(bias.shape); \(Shape([rows])), [gates · hidden], is expected")
    }
    let states = TensorSpec(x.dtype, Shape([x.shape.dimension(0), batch, hidden]))
    if cell.savedCount == 0 { return [states] }
    let saved = TensorSpec(x.dtype, Shape([x.shape.dimension(0), batch, hidden * Dimension(cell.savedCount)]))
    return cell.hasCellState ? [states, saved, states] : [states, saved]
  }

  /// Step by step. Halves are computed in `float32` throughout and rounded once.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    if outputs[0].dtype == .float16 || outputs[0].dtype == .bfloat16 {
      let wide = outputs.map { Tensor(uninitialized: .float32, $0.shape) }
      try evaluate(inputs.map { $0.converted(to: .float32) }, into: wide)
      for (result, output) in zip(wide, outputs) { result.copyElements(to: output) }
      return
    }
    try noGradient { try run(inputs.map { $0.detached() }, into: outputs) }
  }

  private func run(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let arguments = RecurrentArguments(cell, inputs)
    // Both biases join the input's products, save where the reset gate comes between them.
    let isSplit = cell == .gru
    let bias = isSplit ? arguments.inputBias : arguments.inputBias + arguments.hiddenBias
    let products = arguments.x.linear(arguments.inputWeight, bias: bias)
    let weight = arguments.hiddenWeight.contiguous()
    var hidden = arguments.hidden.contiguous()
    var state = arguments.cellState?.contiguous()
    // One layout of the weight serves every step, and the product is added to the input's where that lies.
    let packed = isSplit || weight.dtype != .float32 || arguments.steps < 2 ? nil : PackedWeight(weight)
    for step in 0..<arguments.steps {
      let gates = products.step(step)
      let next = outputs[0].step(step)
      var product: Tensor?
      if let packed {
        try accumulate(hidden, packed, into: gates, inputs)
      } else {
        product = hidden.linear(weight, bias: isSplit ? arguments.hiddenBias : nil)
      }
      switch cell {
      case .lstm:
        let nextState = outputs[2].step(step)
        var (previous, c, saved) = (state!.kernelView, nextState.kernelView, outputs[1].step(step).kernelView)
        let status =
          if let product {
            withViews(gates, product, next) { ds_lstm_cell($0, $1, &previous, $2, &c, &saved) }
          } else {
            withViews(gates, next) { ds_lstm_cell($0, nil, &previous, $1, &c, &saved) }
          }
        try check(status, self, inputs)
        state = nextState
      case .gru:
        var (previous, saved) = (hidden.kernelView, outputs[1].step(step).kernelView)
        let status = withViews(gates, product!, next) { ds_gru_cell($0, $1, &previous, $2, &saved) }
        try withExtendedLifetime(hidden) { try check(status, self, inputs) }
      case .tanh: (product.map { gates + $0 } ?? gates).tanh().copyElements(to: next)
      case .relu: (product.map { gates + $0 } ?? gates).relu().copyElements(to: next)
      }
      hidden = next
    }
    withExtendedLifetime((state, outputs)) {}
  }

  /// gates `[batch, gates · hidden]` += hidden Wᵀ, in place.
  private func accumulate(_ hidden: Tensor, _ weight: PackedWeight, into gates: Tensor, _ inputs: [Tensor]) throws {
    let (rows, width, columns) = (Int64(hidden.shape[0]), Int64(hidden.shape[1]), Int64(gates.shape[1]))
    let status = ds_gemm_packed(
      rows, columns, width, hidden.pointer.assumingMemoryBound(to: Float.self), width, weight.elements, 1,
      gates.pointer.assumingMemoryBound(to: Float.self), columns, nil)
    try withExtendedLifetime((hidden, weight, gates)) { try check(status, self, inputs) }
  }

  /// Everything: the gradient runs the sequence backwards.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all, outputs: [0, 1, 2]) }

  /// Backward through time.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let inputs = (0..<context.inputCount).map { context.input($0) }
    var more = [context.output(0).detached()]
    if cell.savedCount > 0 { more.append(context.output(1).detached()) }
    if cell.hasCellState { more.append(context.output(2).detached()) }
    more.append(context.gradient(0))
    if cell.hasCellState { more.append(context.gradient(2)) }
    return apply(RecurrentGradientOperator(cell), inputs + more)
  }

  /// Step by step in simple operators. The second output, which only the gradient reads, stays zero.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let arguments = RecurrentArguments(cell, inputs)
    guard arguments.steps > 0 else { return nil }
    let products = arguments.x.linear(arguments.inputWeight, bias: arguments.inputBias)
    var (hidden, state) = (arguments.hidden, arguments.cellState)
    var (hiddens, states): ([Tensor], [Tensor]) = ([], [])
    for step in 0..<arguments.steps {
      let product = hidden.linear(arguments.hiddenWeight, bias: arguments.hiddenBias)
      (hidden, state) = cell.step(products.selected(0, step), product, hidden, state)
      hiddens.append(hidden)
      if let state { states.append(state) }
    }
    let y = Tensor.stack(hiddens)
    if cell.savedCount == 0 { return [y] }
    let saved = Tensor.zeros(y.shape.replacing(2, with: y.dimension(2) * Dimension(cell.savedCount)), dtype: y.dtype)
    return cell.hasCellState ? [y, saved, Tensor.stack(states)] : [y, saved]
  }
}

/// The inputs of a recurrent layer by name.
struct RecurrentArguments {
  let x: Tensor
  let hidden: Tensor
  let cellState: Tensor?
  let inputWeight: Tensor
  let hiddenWeight: Tensor
  let inputBias: Tensor
  let hiddenBias: Tensor

  init(_ cell: RecurrentCell, _ inputs: [Tensor]) {
    let extra = cell.hasCellState ? 1 : 0
    x = inputs[0]
    hidden = inputs[1]
    cellState = cell.hasCellState ? inputs[2] : nil
    inputWeight = inputs[2 + extra]
    hiddenWeight = inputs[3 + extra]
    inputBias = inputs[4 + extra]
    hiddenBias = inputs[5 + extra]
  }

  var steps: Int { x.shape[0] }
}

extension Tensor {
  /// One index of the first axis as a view of the same storage, for kernels: no operator, no gradient.
  func step(_ index: Int) -> Tensor {
    let one = layout.sliced(axis: 0, start: index, count: 1, step: 1)
    return viewed(Layout(shape.removing(0), strides: Array(layout.strides.dropFirst()), offset: one.offset))
  }
}
