public import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Kernels slid over `[batch, channels, length]`: `filters` channels. Weights: `weight` `[filters, channels / groups, kernel…]`,
  /// Glorot uniform at first, and `bias`, zeros.
  public struct Conv1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` kernels: `Conv1D(32, 3, padding: .same)`.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      groups: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst,
      name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "Conv1D", axes: 1, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: useBias,
        kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore("Conv1D", name: name, activation: activation, dataFormat: dataFormat) { specs in
        Keras.LayerBody(form.convolution(specs[0], groups: { _ in groups }, filters: { _ in filters }))
      }
    }
  }

  /// Kernels slid over `[batch, channels, height, width]`: `filters` channels. Weights: `weight` `[filters, channels / groups, kernel…]`,
  /// Glorot uniform at first, and `bias`, zeros.
  public struct Conv2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `filters` kernels: `Conv2D(32, [3, 3], padding: .same)`.
    public init(
      _ filters: Int, _ kernel: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
      groups: Int = 1, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros,
      dataFormat: Keras.DataFormat = .channelsFirst,
      name: String? = nil
    ) {
      let form = Keras.ConvolutionForm(
        kind: "Conv2D", axes: 2, kernel: kernel, strides: strides, padding: padding, dilation: dilation,
        useBias: useBias,
        kernelInitializer: kernelInitializer, biasInitializer: biasInitializer)
      core = Keras.LayerCore("Conv2D", name: name, activation: activation, dataFormat: dataFormat) { specs in
        Keras.LayerBody(form.convolution(specs[0], groups: { _ in groups }, filters: { _ in filters }))
      }
    }
  }

  /// The largest under each window of `[batch, channels, length]`.
  public struct MaxPooling1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("MaxPooling1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "MaxPooling1D")
        return Keras.LayerBody(MaxPool(poolSize, stride: strides, padding: padding))
      }
    }
  }

  /// The largest under each window of `[batch, channels, height, width]`.
  public struct MaxPooling2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("MaxPooling2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "MaxPooling2D")
        return Keras.LayerBody(MaxPool(poolSize, stride: strides, padding: padding))
      }
    }
  }

  /// The mean under each window of `[batch, channels, length]`.
  public struct AveragePooling1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("AveragePooling1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "AveragePooling1D")
        return Keras.LayerBody(AveragePool(poolSize, stride: strides, padding: padding, includesPadding: false))
      }
    }
  }

  /// The mean under each window of `[batch, channels, height, width]`.
  public struct AveragePooling2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("AveragePooling2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "AveragePooling2D")
        return Keras.LayerBody(AveragePool(poolSize, stride: strides, padding: padding, includesPadding: false))
      }
    }
  }

  /// The mean of each channel of `[batch, channels, length]`: `[batch, channels]`.
  public struct GlobalAveragePooling1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalAveragePooling1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "GlobalAveragePooling1D")
        return Keras.LayerBody {
          keepsAxes ? Keras.keepingAxes($0[0].globalAveragePool(), 1) : $0[0].globalAveragePool()
        }
      }
    }
  }

  /// The mean of each channel of `[batch, channels, height, width]`: `[batch, channels]`.
  public struct GlobalAveragePooling2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalAveragePooling2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "GlobalAveragePooling2D")
        return Keras.LayerBody {
          keepsAxes ? Keras.keepingAxes($0[0].globalAveragePool(), 2) : $0[0].globalAveragePool()
        }
      }
    }
  }

  /// The largest of each channel of `[batch, channels, length]`: `[batch, channels]`.
  public struct GlobalMaxPooling1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalMaxPooling1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "GlobalMaxPooling1D")
        return Keras.LayerBody { keepsAxes ? Keras.keepingAxes($0[0].globalMaxPool(), 1) : $0[0].globalMaxPool() }
      }
    }
  }

  /// The largest of each channel of `[batch, channels, height, width]`: `[batch, channels]`.
  public struct GlobalMaxPooling2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("GlobalMaxPooling2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "GlobalMaxPooling2D")
        return Keras.LayerBody { keepsAxes ? Keras.keepingAxes($0[0].globalMaxPool(), 2) : $0[0].globalMaxPool() }
      }
    }
  }

  /// Each element of `[batch, channels, height, width]` several times in both directions.
  public struct UpSampling2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Rows and columns so many times.
    public init(
      _ size: PerAxis = 2, interpolation: Keras.Interpolation = .nearest, dataFormat: Keras.DataFormat = .channelsFirst,
      name: String? = nil
    ) {
      core = Keras.LayerCore("UpSampling2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "UpSampling2D")
        let counts = size.values(2, "UpSampling2D: size")
        if interpolation == .bilinear {
          return Keras.LayerBody { inputs in
            let (x, factors) = (inputs[0], counts.map { Dimension($0) })
            let size = [x.dimension(2) * factors[0], x.dimension(3) * factors[1]]
            return apply(ResizeOperator(.linear, .halfPixel, size: size), [x])[0]
          }
        }
        return Keras.LayerBody { $0[0].repeated(counts[0], axis: 2).repeated(counts[1], axis: 3) }
      }
    }
  }
}

extension Keras {
  /// `[batch, channels]` as `[batch, channels, 1, …]`.
  static func keepingAxes(_ x: Tensor, _ spatialRank: Int) -> Tensor {
    (0..<spatialRank).reduce(x) { x, _ in x.expanded(-1) }
  }

  /// How elements between others come about.
  public enum Interpolation: String, Sendable, Hashable {
    /// As the nearest is.
    case nearest
    /// From the nearest on each side, by their distance.
    case bilinear
  }
}
