import CDeepSeekKernels
public import DeepSeekTensor

/// Backward through time: the gradient of ``RecurrentOperator`` with respect to all its inputs.
///
/// Inputs: those of the layer, its outputs, and the gradients of the hidden and, for an LSTM, the cell states. The steps run
/// backwards one by one; the weights' gradients are then one product each over all steps.
public struct RecurrentGradientOperator: Operator {
  /// What is done at each step.
  public let cell: RecurrentCell

  /// With this cell.
  public init(_ cell: RecurrentCell) { self.cell = cell }

  /// The layer's name with `_gradient` after it.
  public var name: String { RecurrentOperator(cell).name + "_gradient" }
  /// A product.
  public var traits: OperatorTraits { [.matmul, .computeBound] }

  private var inputCount: Int { cell.hasCellState ? 7 : 6 }
  private var outputCount: Int { cell.savedCount == 0 ? 1 : cell.hasCellState ? 3 : 2 }

  /// One gradient for each of the layer's inputs.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    let count = inputCount + outputCount + (cell.hasCellState ? 2 : 1)
    try expect(inputs, count...count)
    let outputs = try RecurrentOperator(cell).infer(Array(inputs.prefix(inputCount)))
    for gradient in inputs.suffix(cell.hasCellState ? 2 : 1) where gradient != outputs[0] {
      throw mismatch("gradient \(gradient); \(outputs[0]) is expected")
    }
    return inputs.prefix(inputCount).map(\.withoutValue)
  }

  /// Step by step, backwards. Halves are computed in `float32` throughout and rounded once.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let type = inputs[0].dtype.statistics
    let results = try noGradient { try run(inputs.map { $0.converted(to: type) }) }
    for (result, output) in zip(results, outputs) { result.copyElements(to: output) }
  }

  private func run(_ inputs: [Tensor]) throws -> [Tensor] {
    let arguments = RecurrentArguments(cell, inputs)
    let rest = inputs[inputCount...].map { $0.contiguous() }
    let (x, y, dy) = (arguments.x, rest[0], rest[outputCount])
    let (steps, batch, width) = (y.shape[0], y.shape[1], y.shape[2])
    let type = y.dtype
    let gates = Shape([steps, batch, cell.gateCount * width])
    let fromInput = Tensor(uninitialized: type, gates)
    // Only the reset gate makes the two products' gradients differ.
    let fromHidden = cell == .gru ? Tensor(uninitialized: type, gates) : fromInput
    let weight = arguments.hiddenWeight.contiguous()
    let first = arguments.hidden.contiguous()
    let firstCell = arguments.cellState?.contiguous()
    var dhidden = Tensor.zeros(first.shape, dtype: type)
    var dcell = dhidden
    for step in (0..<steps).reversed() {
      let previous = step > 0 ? y.step(step - 1) : first
      let dh = dy.step(step) + dhidden
      let (dgates, dgatesHidden) = (fromInput.step(step), fromHidden.step(step))
      switch cell {
      case .lstm:
        let dc = rest[outputCount + 1].step(step) + dcell
        let previousCell = step > 0 ? rest[2].step(step - 1) : firstCell!
        let next = Tensor(uninitialized: type, first.shape)
        var (saved, c, dcView) = (rest[1].step(step).kernelView, rest[2].step(step).kernelView, dc.kernelView)
        var (dgatesView, nextView) = (dgates.kernelView, next.kernelView)
        let status = withViews(previousCell, dh) {
          ds_lstm_cell_backward(&saved, $0, &c, $1, &dcView, &dgatesView, &nextView)
        }
        try withExtendedLifetime((rest, dc, dgates)) { try check(status, self, inputs) }
        dcell = next
        dhidden = dgates.matmul(weight)
      case .gru:
        let next = Tensor(uninitialized: type, first.shape)
        var (saved, dgatesView, dgatesHiddenView) = (
          rest[1].step(step).kernelView, dgates.kernelView, dgatesHidden.kernelView
        )
        let status = withViews(previous, dh, next) {
          ds_gru_cell_backward(&saved, $0, $1, &dgatesView, &dgatesHiddenView, $2)
        }
        try withExtendedLifetime((rest, dgates, dgatesHidden)) { try check(status, self, inputs) }
        dhidden = next + dgatesHidden.matmul(weight)
      case .tanh:
        (dh * (1 - y.step(step).square())).copyElements(to: dgates)
        dhidden = dgates.matmul(weight)
      case .relu:
        (dh * y.step(step).greater(than: 0).cast(to: type)).copyElements(to: dgates)
        dhidden = dgates.matmul(weight)
      }
    }
    let rows = steps * batch
    let flatInput = fromInput.reshaped([rows, gates[2]] as Shape)
    let flatHidden = fromHidden.reshaped([rows, gates[2]] as Shape)
    let previous =
      steps > 0
      ? Tensor.concatenate([first.expanded(0), y.sliced(0, 0..<steps - 1)]).reshaped([rows, width] as Shape)
      : y.reshaped([rows, width] as Shape)
    let states = cell.hasCellState ? [dhidden, dcell] : [dhidden]
    return [fromInput.matmul(arguments.inputWeight)] + states + [
      flatInput.transposed().matmul(x.reshaped([rows, x.shape[2]] as Shape)), flatHidden.transposed().matmul(previous),
      flatInput.sum(axis: 0), flatHidden.sum(axis: 0),
    ]
  }

  /// The layer's inputs and the upstream gradients.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// The gradient of the layer's own decomposition, from its inputs alone.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    withGradient {
      // Each input a place of its own, so that one tensor given twice is not counted twice.
      let own = inputs.prefix(inputCount).map { $0.tracksGradient ? $0 * 1 : $0.requiringGradient() }
      guard let outputs = RecurrentOperator(cell).decomposition(own) else { return nil }
      let upstream = Array(inputs.suffix(cell.hasCellState ? 2 : 1))
      var options = BackwardOptions()
      options.createGraph = true
      let reached = cell.hasCellState ? [outputs[0], outputs[2]] : [outputs[0]]
      let results = gradients(of: reached, withRespectTo: own, gradients: upstream, options: options)
      return zip(results, own).map { $0 ?? Tensor.zeros(like: $1) }
    }
  }
}
