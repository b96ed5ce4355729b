public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Kernels slid over each channel of `[batch, channels, length]` by itself, as ``DepthwiseConv2D`` does over images.
  public struct DepthwiseConv1D: Keras.Layer {
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
        kind: "DepthwiseConv1D", axes: 1, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: useBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = form.depthwise(depthMultiplier, activation, dataFormat, name)
    }
  }

  /// Kernels over each channel of `[batch, channels, length]` by itself, whose results one product then mixes, as
  /// ``SeparableConv2D`` does with images.
  public struct SeparableConv1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      depthMultiplier: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "SeparableConv1D", axes: 1, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: false, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = form.separable(filters, depthMultiplier, activation, useBias: useBias, dataFormat, name)
    }
  }

  /// The transposed convolution of `[batch, channels, length]`, as ``Conv2DTranspose`` is of images.
  public struct Conv1DTranspose: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels. `.same` gives the input's length times the stride.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, isSame: Bool = false,
      activation: Keras.Activation = .linear, useBias: Bool = true, kernelInitializer: Initializer = .xavierUniform(),
      biasInitializer: Initializer = .zeros, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = .transposedConvolution(
        1, filters, kernel, strides, isSame: isSame, activation, useBias, kernelInitializer, biasInitializer,
        dataFormat, name)
    }
  }
}
