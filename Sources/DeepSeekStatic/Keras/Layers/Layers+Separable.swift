public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Kernels slid over each channel of `[batch, channels, height, width]` by itself, `depthMultiplier` for each. Weights:
  /// `weight` `[channels · depthMultiplier, 1, kernel…]` and `bias`.
  public struct DepthwiseConv2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of kernels of this size.
    public init(
      _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      depthMultiplier: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "DepthwiseConv2D", axes: 2, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: useBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore("DepthwiseConv2D", name: name, activation: activation, dataFormat: dataFormat) { specs in
        Keras.LayerBody(form.convolution(specs[0], groups: { $0 }, filters: { $0 * depthMultiplier }))
      }
    }
  }

  /// Kernels over each channel by itself, whose results one product then mixes: `filters` channels of `[batch, channels,
  /// height, width]`. Weights: `depthwise.weight` `[channels · depthMultiplier, 1, kernel…]`, `pointwise.weight` `[filters,
  /// channels · depthMultiplier, 1, 1]` and `pointwise.bias`.
  public struct SeparableConv2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels: `SeparableConv2D(32, [3, 3], padding: .same)`.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      depthMultiplier: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "SeparableConv2D", axes: 2, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: false, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore("SeparableConv2D", name: name, activation: activation, dataFormat: dataFormat) { specs in
        let depthwise = form.convolution(specs[0], groups: { $0 }, filters: { $0 * depthMultiplier })
        let pointwise = Convolution(
          depthwise.weight.spec.shape[0], filters, kernel: [1, 1], bias: useBias, dtype: specs[0].dtype)
        kernelInitializer(pointwise.weight)
        pointwise.bias.map { biasInitializer($0) }
        return Keras.LayerBody(SeparableConvolution(depthwise, pointwise))
      }
    }
  }

  /// The transposed convolution, which spreads each element of `[batch, channels, height, width]` over a window. Weights:
  /// `weight` `[channels, filters, kernel…]` and `bias`.
  public struct Conv2DTranspose: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels. `.same` gives the input's lengths times the strides.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, isSame: Bool = false,
      activation: Keras.Activation = .linear, useBias: Bool = true, kernelInitializer: Initializer = .xavierUniform(),
      biasInitializer: Initializer = .zeros, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("Conv2DTranspose", name: name, activation: activation, dataFormat: dataFormat) { specs in
        let kernel = kernel.values(2, "Conv2DTranspose: kernel")
        let strides = strides.values(2, "Conv2DTranspose: strides")
        let convolution = ConvolutionTransposed(
          Keras.channels(specs[0], 2, "Conv2DTranspose"), filters, kernel: kernel, stride: PerAxis(strides),
          bias: useBias, dtype: specs[0].dtype)
        kernelInitializer(convolution.weight)
        convolution.bias.map { biasInitializer($0) }
        // The convolution that it undoes pads so much, the odd one at the high end.
        let cut = zip(kernel, strides).map { isSame ? Swift.max($0 - $1, 0) : 0 }
        let window = Window(
          kernel: kernel, stride: strides, dilation: [1, 1], before: cut.map { $0 / 2 },
          after: cut.map { $0 - $0 / 2 })
        let extra = zip(kernel, strides).map { isSame ? 0 : Swift.max($0 - $1, 0) }
        return Keras.LayerBody(convolution) { inputs in
          let x = inputs[0]
          let size = (0..<2).map { x.dimension($0 + 2) * Dimension(strides[$0]) + Dimension(extra[$0]) }
          let operation = ConvolutionTransposedOperator(window, groups: 1, size: size)
          return apply(operation, [x, convolution.weight.tensor] + (convolution.bias.map { [$0.tensor] } ?? []))[0]
        }
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
