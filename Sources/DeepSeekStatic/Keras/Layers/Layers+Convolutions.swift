public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Kernels slid over `[batch, channels, spatial…]`: `filters` channels. Weights: `weight` `[filters, channels / groups, kernel…]`,
  /// Glorot uniform at first, and `bias`, zeros.
  public struct ConvND<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` kernels: `Conv2D(32, [3, 3], padding: .same)`.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      groups: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "Conv\(Axes.count)D", axes: Axes.count, kernel: kernel, strides: strides, padding: padding,
        dilation: dilation, useBias: useBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore(form.kind, name: name, activation: activation, dataFormat: dataFormat) { specs in
        Keras.LayerBody(form.convolution(specs[0], groups: { _ in groups }, filters: { _ in filters }))
      }
    }
  }

  /// Kernels slid over sequences, `[batch, channels, length]`.
  public typealias Conv1D = ConvND<Keras.OneAxis>
  /// Kernels slid over images, `[batch, channels, height, width]`.
  public typealias Conv2D = ConvND<Keras.TwoAxes>
  /// Kernels slid over volumes, `[batch, channels, depth, height, width]`.
  public typealias Conv3D = ConvND<Keras.ThreeAxes>

  /// Kernels slid over each channel of `[batch, channels, spatial…]` by itself, `depthMultiplier` for each. Weights: `weight`
  /// `[channels · depthMultiplier, 1, kernel…]` and `bias`.
  public struct DepthwiseConvND<Axes: Keras.SpatialAxes>: Keras.Layer {
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
        kind: "DepthwiseConv\(Axes.count)D", axes: Axes.count, kernel: kernel, strides: strides, padding: padding,
        dilation: dilation, useBias: useBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = form.depthwise(depthMultiplier, activation, dataFormat, name)
    }
  }

  /// Kernels over each channel of sequences by itself.
  public typealias DepthwiseConv1D = DepthwiseConvND<Keras.OneAxis>
  /// Kernels over each channel of images by itself.
  public typealias DepthwiseConv2D = DepthwiseConvND<Keras.TwoAxes>

  /// Kernels over each channel by itself, whose results one product then mixes: `filters` channels of `[batch, channels,
  /// spatial…]`. Weights: `depthwise.weight` `[channels · depthMultiplier, 1, kernel…]`, `pointwise.weight` `[filters,
  /// channels · depthMultiplier, 1, …]` and `pointwise.bias`.
  public struct SeparableConvND<Axes: Keras.SpatialAxes>: Keras.Layer {
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
        kind: "SeparableConv\(Axes.count)D", axes: Axes.count, kernel: kernel, strides: strides, padding: padding,
        dilation: dilation, useBias: false, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = form.separable(filters, depthMultiplier, activation, useBias: useBias, dataFormat, name)
    }
  }

  /// A separable convolution of sequences.
  public typealias SeparableConv1D = SeparableConvND<Keras.OneAxis>
  /// A separable convolution of images.
  public typealias SeparableConv2D = SeparableConvND<Keras.TwoAxes>

  /// The transposed convolution, which spreads each element of `[batch, channels, spatial…]` over a window. Weights: `weight`
  /// `[channels, filters, kernel…]` and `bias`.
  public struct ConvNDTranspose<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels. `isSame` gives the input's lengths times the strides.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, isSame: Bool = false,
      activation: Keras.Activation = .linear, useBias: Bool = true, kernelInitializer: Initializer = .xavierUniform(),
      biasInitializer: Initializer = .zeros, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "Conv\(Axes.count)DTranspose", axes: Axes.count, kernel: kernel, strides: strides,
        padding: isSame ? .same : .valid, dilation: 1, useBias: useBias, kernelInitializer: kernelInitializer,
        biasInitializer: biasInitializer)
      core = form.transposed(filters, isSame: isSame, activation, dataFormat, name)
    }
  }

  /// The transposed convolution of sequences.
  public typealias Conv1DTranspose = ConvNDTranspose<Keras.OneAxis>
  /// The transposed convolution of images.
  public typealias Conv2DTranspose = ConvNDTranspose<Keras.TwoAxes>
  /// The transposed convolution of volumes.
  public typealias Conv3DTranspose = ConvNDTranspose<Keras.ThreeAxes>
}
