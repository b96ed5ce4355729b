import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.ConvolutionForm {
  /// Kernels over each channel by itself.
  func depthwise(
    _ multiplier: Int, _ activation: Keras.Activation, _ dataFormat: Keras.DataFormat, _ name: String?
  ) -> Keras.LayerCore {
    Keras.LayerCore(kind, name: name, activation: activation, dataFormat: dataFormat) { specs in
      Keras.LayerBody(convolution(specs[0], groups: { $0 }, filters: { $0 * multiplier }))
    }
  }

  /// Kernels over each channel by itself, whose results a product mixes; the form's own bias is not used.
  func separable(
    _ filters: Int, _ multiplier: Int, _ activation: Keras.Activation, useBias: Bool, _ dataFormat: Keras.DataFormat,
    _ name: String?
  ) -> Keras.LayerCore {
    Keras.LayerCore(kind, name: name, activation: activation, dataFormat: dataFormat) { specs in
      let depthwise = convolution(specs[0], groups: { $0 }, filters: { $0 * multiplier })
      let pointwise = Convolution(
        depthwise.weight.spec.shape[0], filters, kernel: Array(repeating: 1, count: axes), bias: useBias,
        dtype: specs[0].dtype)
      kernelInitializer(pointwise.weight)
      pointwise.bias.map { biasInitializer($0) }
      return Keras.LayerBody(SeparableConvolution(depthwise, pointwise))
    }
  }

  /// The transposed convolution; `isSame` gives the input's lengths times the strides.
  func transposed(
    _ filters: Int, isSame: Bool, _ activation: Keras.Activation, _ dataFormat: Keras.DataFormat, _ name: String?
  ) -> Keras.LayerCore {
    Keras.LayerCore(kind, name: name, activation: activation, dataFormat: dataFormat) { specs in
      let kernel = self.kernel.values(axes, "\(kind): kernel")
      let strides = self.strides.values(axes, "\(kind): strides")
      let convolution = ConvolutionTransposed(
        Keras.channels(specs[0], axes, kind), filters, kernel: kernel, stride: PerAxis(strides), bias: useBias,
        dtype: specs[0].dtype)
      kernelInitializer(convolution.weight)
      convolution.bias.map { biasInitializer($0) }
      // The convolution that it undoes pads so much, the odd one at the high end.
      let cut = zip(kernel, strides).map { isSame ? Swift.max($0 - $1, 0) : 0 }
      let window = Window(
        kernel: kernel, stride: strides, dilation: kernel.map { _ in 1 }, before: cut.map { $0 / 2 },
        after: cut.map { $0 - $0 / 2 })
      let extra = zip(kernel, strides).map { isSame ? 0 : Swift.max($0 - $1, 0) }
      return Keras.LayerBody(convolution) { inputs in
        let x = inputs[0]
        let size = strides.indices.map { x.dimension($0 + 2) * Dimension(strides[$0]) + Dimension(extra[$0]) }
        let operation = ConvolutionTransposedOperator(window, groups: 1, size: size)
        return apply(operation, [x, convolution.weight.tensor] + (convolution.bias.map { [$0.tensor] } ?? []))[0]
      }
    }
  }
}

/// A convolution of each channel, and one that mixes them.
private final class SeparableConvolution: DeepSeekDynamic.Layer {
  let depthwise: Convolution
  let pointwise: Convolution

  init(_ depthwise: Convolution, _ pointwise: Convolution) {
    self.depthwise = depthwise
    self.pointwise = pointwise
  }

  func callAsFunction(_ input: Tensor) -> Tensor { pointwise(depthwise(input)) }
}
