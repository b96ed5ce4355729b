import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Memories whose products are convolutions. Kernels `[kernel…, inputs, 4 · filters]` become `[4 · filters, inputs,
  /// kernel…]`; the gates' order is Keras's.
  static func convolutional(_ axes: Int) -> KerasLayerKind {
    KerasLayerKind(masks: .recurrent) { context in
      guard context.specs.count == 1 else {
        throw context.unsupported("it is called with a mask or states", advice: "call it with the sequence alone")
      }
      let spec = try context.input(rank: axes + 3)
      let format = try context.dataFormat()
      let lengths = Array(spec.shape.dimensions.dropFirst(format == .channelsLast ? 2 : 3).prefix(axes))
      guard let steps = spec.shape.dimension(1).known, (1...KerasLayerContext.largestStepCount).contains(steps),
        let channels = spec.shape.dimension(format == .channelsLast ? axes + 2 : 2).known, channels > 0,
        lengths.allSatisfy({ $0.known != nil })
      else { throw context.unsupported("its input is \(spec); known lengths are expected, and not too many steps") }
      try context.refuse("stateful", "time_major")
      let form = try context.recurrentOptions(context)
      // Along channels, which are not the last axis here.
      guard [form.activation, form.recurrentActivation].allSatisfy({ !$0.name.hasSuffix("softmax") }) else {
        throw context.unsupported("an activation along the channels")
      }
      let filters = try context.size("filters", "nb_filter")
      let kernel = try context.kernel(axes)
      let ones = Array(repeating: 1, count: axes)
      let strides = try context.sizes("strides", "subsample", axes: axes, default: ones)
      let dilation = try context.sizes("dilation_rate", axes: axes, default: ones)
      guard try context.string("padding", "border_mode", default: "valid") != "causal" else {
        throw context.unsupported("'padding' is 'causal'")
      }
      let padding = try context.padding(lengths, kernel: kernel, strides: strides, dilation: dilation)
      let shapes = [kernel + [channels, 4 * filters], kernel + [filters, 4 * filters]]
      let weights = try context.weights(shapes + (form.useBias ? [[4 * filters]] : []))
      try context.checkSize([steps, 4 * filters] + lengths.compactMap(\.known))
      func turned(_ kernel: Tensor) -> Tensor {
        kernel.transposed([axes + 1, axes] + Array(0..<axes)).contiguous()
      }
      var state = ["input.weight": turned(weights[0]), "recurrent.weight": turned(weights[1])]
      if form.useBias { state["input.bias"] = weights[2] }
      let layer = Keras.Layers.ConvLSTM(
        axes: axes, filters, PerAxis(kernel), form, strides: PerAxis(strides), padding: padding,
        dilation: PerAxis(dilation), kernelInitializer: .zeros, recurrentInitializer: .zeros, dataFormat: format)
      return KerasLayer(layer, state)
    }
  }
}
