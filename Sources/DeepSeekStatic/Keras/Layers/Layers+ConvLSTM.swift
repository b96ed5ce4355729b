public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// A long short-term memory whose products are convolutions (Shi and others, arXiv:1506.04214), over sequences of images
  /// `[batch, steps, channels, spatial…]`: the last hidden state `[batch, filters, places…]`, or all of them. The number of
  /// steps and all lengths must be known. Weights: `input.weight` `[4 · filters, channels, kernel…]`, `input.bias`,
  /// `recurrent.weight` `[4 · filters, filters, kernel…]`, gates in the order input, forget, cell, output.
  public struct ConvLSTM: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` cells at each place of one to three spatial axes. Of `options` it has no masks, no two directions
    /// and no reset gates. Strides, padding and dilation are those of the product with the input.
    public init(
      axes: Int, _ filters: Int, _ kernel: PerAxis, _ options: Keras.RecurrentOptions = Keras.RecurrentOptions(),
      strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      kernelInitializer: Initializer = .xavierUniform(), recurrentInitializer: Initializer = .orthogonal(),
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let kind = "ConvLSTM\(axes)D"
      // The forget gate's bias is 1 at first.
      let bias = Initializer { shape, dtype in
        let ones = Tensor.ones([filters], dtype: dtype)
        let zeros = Tensor.zeros([filters], dtype: dtype)
        return Tensor.concatenate([zeros, ones, zeros, zeros], axis: 0)
      }
      let form = Keras.ConvolutionForm(
        kind: kind, axes: axes, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: options.useBias, kernelInitializer: kernelInitializer, biasInitializer: bias)
      core = Keras.LayerCore(kind, name: name) { specs in
        let (spec, isLast) = (specs[0], dataFormat == .channelsLast)
        guard spec.shape.rank == axes + 3, spec.shape.dimension(1).known != nil else {
          fatalError("\(kind): its input is \(spec); [batch, steps, channels, …] with known steps is expected")
        }
        let frame = Shape([spec.shape.dimension(0)] + spec.shape.dimensions.dropFirst(2))
        let input = form.convolution(
          TensorSpec(spec.dtype, isLast ? Keras.channelsFirst(frame) : frame), groups: { _ in 1 },
          filters: { _ in 4 * filters })
        let recurrent = Convolution(
          filters, 4 * filters, kernel: kernel.values(axes, "\(kind): kernel"), padding: .same, bias: false,
          dtype: spec.dtype)
        recurrentInitializer(recurrent.weight)
        let layer = ConvolutionalRecurrence(input, recurrent, options)
        let order = [0, 1, axes + 2] + Array(2..<axes + 2)
        let back = [0, 1] + Array(3..<axes + 3) + [2]
        return Keras.LayerBody(
          layer,
          outputs: { inputs in
            let results = layer(isLast ? inputs[0].transposed(order) : inputs[0])
            guard isLast else { return results }
            return results.map { $0.rank == axes + 3 ? $0.transposed(back) : Keras.channelsLast($0) }
          })
      }
    }
  }
}

/// A memory's two convolutions, and how it runs over a sequence.
private final class ConvolutionalRecurrence: Module {
  let input: Convolution
  let recurrent: Convolution
  let dropout: Dropout
  let recurrentDropout: Dropout
  private let options: Keras.RecurrentOptions

  init(_ input: Convolution, _ recurrent: Convolution, _ options: Keras.RecurrentOptions) {
    self.input = input
    self.recurrent = recurrent
    self.options = options
    dropout = Dropout(options.dropout)
    recurrentDropout = Dropout(options.recurrentDropout)
  }

  /// From `[batch, steps, channels, spatial…]` to the output and, where they are wanted, the last hidden state and cell.
  func callAsFunction(_ sequence: Tensor) -> [Tensor] {
    var x = options.goesBackwards ? sequence.flipped(1) : sequence
    if dropout.effectiveProbability > 0 { x = x * dropout(Tensor.ones(like: x.sliced(1, 0..<1))) }
    let products = input(x.reshaped([x.dimension(0) * x.dimension(1)] + x.shape.dimensions.dropFirst(2)))
    let steps = products.reshaped([x.dimension(0), x.dimension(1)] + products.shape.dimensions.dropFirst())
    let filters = recurrent.weight.spec.shape[1]
    func gate(_ x: Tensor, _ place: Int) -> Tensor { x.sliced(1, place * filters..<(place + 1) * filters) }
    let (activation, gated) = (options.activation.function, options.recurrentActivation.function)
    var state: (hidden: Tensor, cell: Tensor)?
    var kept: Tensor?
    var outputs: [Tensor] = []
    for step in 0..<x.shape[1] {
      var sum = steps.selected(1, step)
      if let hidden = state?.hidden { sum = sum + recurrent(kept.map { hidden * $0 } ?? hidden) }
      var cell = gated(gate(sum, 0)) * activation(gate(sum, 2))
      if let old = state?.cell { cell = gated(gate(sum, 1)) * old + cell }
      let hidden = gated(gate(sum, 3)) * activation(cell)
      if state == nil, recurrentDropout.effectiveProbability > 0 { kept = recurrentDropout(Tensor.ones(like: hidden)) }
      state = (hidden, cell)
      outputs.append(hidden)
    }
    let last = outputs[outputs.count - 1]
    let output = options.returnsSequences ? Tensor.stack(outputs, axis: 1) : last
    return [output] + (options.returnsState ? [last, state!.cell] : [])
  }
}
