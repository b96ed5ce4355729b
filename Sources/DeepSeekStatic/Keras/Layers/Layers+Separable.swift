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
      core = form.depthwise(depthMultiplier, activation, dataFormat, name)
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
      core = form.separable(filters, depthMultiplier, activation, useBias: useBias, dataFormat, name)
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
      core = .transposedConvolution(
        2, filters, kernel, strides, isSame: isSame, activation, useBias, kernelInitializer, biasInitializer,
        dataFormat, name)
    }
  }
}
