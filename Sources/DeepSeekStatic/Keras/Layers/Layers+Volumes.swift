public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Kernels slid over `[batch, channels, depth, height, width]`: `filters` channels. Weights: `weight` `[filters, channels / groups, kernel…]`,
  /// Glorot uniform at first, and `bias`, zeros.
  public struct Conv3D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` kernels: `Conv3D(32, [3, 3, 3], padding: .same)`.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      groups: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst,
      name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "Conv3D", axes: 3, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: useBias,
        kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore("Conv3D", name: name, activation: activation, dataFormat: dataFormat) { specs in
        Keras.LayerBody(form.convolution(specs[0], groups: { _ in groups }, filters: { _ in filters }))
      }
    }
  }

  /// The transposed convolution of `[batch, channels, depth, height, width]`, as ``Conv2DTranspose`` is of images.
  public struct Conv3DTranspose: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` channels. `.same` gives the input's lengths times the strides.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, isSame: Bool = false,
      activation: Keras.Activation = .linear, useBias: Bool = true, kernelInitializer: Initializer = .xavierUniform(),
      biasInitializer: Initializer = .zeros, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = .transposedConvolution(
        3, filters, kernel, strides, isSame: isSame, activation, useBias, kernelInitializer, biasInitializer,
        dataFormat, name)
    }
  }

  /// The largest under each window of `[batch, channels, depth, height, width]`.
  public struct MaxPooling3D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("MaxPooling3D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 3, "MaxPooling3D")
        return Keras.LayerBody(MaxPool(poolSize, stride: strides, padding: padding))
      }
    }
  }

  /// The mean under each window of `[batch, channels, depth, height, width]`.
  public struct AveragePooling3D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("AveragePooling3D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 3, "AveragePooling3D")
        return Keras.LayerBody(AveragePool(poolSize, stride: strides, padding: padding, includesPadding: false))
      }
    }
  }

  /// The mean of each channel of `[batch, channels, depth, height, width]`: `[batch, channels]`.
  public struct GlobalAveragePooling3D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalAveragePooling3D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 3, "GlobalAveragePooling3D")
        return Keras.LayerBody {
          keepsAxes ? Keras.keepingAxes($0[0].globalAveragePool(), 3) : $0[0].globalAveragePool()
        }
      }
    }
  }

  /// The largest of each channel of `[batch, channels, depth, height, width]`: `[batch, channels]`.
  public struct GlobalMaxPooling3D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalMaxPooling3D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 3, "GlobalMaxPooling3D")
        return Keras.LayerBody { keepsAxes ? Keras.keepingAxes($0[0].globalMaxPool(), 3) : $0[0].globalMaxPool() }
      }
    }
  }
}
