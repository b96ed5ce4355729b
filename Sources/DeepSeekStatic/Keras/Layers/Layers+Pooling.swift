import DeepSeekDynamic
public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// The largest under each window of `[batch, channels, spatial…]`.
  public struct MaxPoolingND<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = .pooling("MaxPooling\(Axes.count)D", Axes.count, dataFormat, name) {
        Keras.LayerBody(MaxPool(poolSize, stride: strides, padding: padding))
      }
    }
  }

  /// The largest under each window of sequences, `[batch, channels, length]`.
  public typealias MaxPooling1D = MaxPoolingND<Keras.OneAxis>
  /// The largest under each window of images, `[batch, channels, height, width]`.
  public typealias MaxPooling2D = MaxPoolingND<Keras.TwoAxes>
  /// The largest under each window of volumes, `[batch, channels, depth, height, width]`.
  public typealias MaxPooling3D = MaxPoolingND<Keras.ThreeAxes>

  /// The mean under each window of `[batch, channels, spatial…]`, of what is not padding.
  public struct AveragePoolingND<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Windows of this size, side by side unless `strides` says otherwise.
    public init(
      _ poolSize: PerAxis = 2, strides: PerAxis? = nil, padding: Padding = .valid,
      dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = .pooling("AveragePooling\(Axes.count)D", Axes.count, dataFormat, name) {
        Keras.LayerBody(AveragePool(poolSize, stride: strides, padding: padding, includesPadding: false))
      }
    }
  }

  /// The mean under each window of sequences, `[batch, channels, length]`.
  public typealias AveragePooling1D = AveragePoolingND<Keras.OneAxis>
  /// The mean under each window of images, `[batch, channels, height, width]`.
  public typealias AveragePooling2D = AveragePoolingND<Keras.TwoAxes>
  /// The mean under each window of volumes, `[batch, channels, depth, height, width]`.
  public typealias AveragePooling3D = AveragePoolingND<Keras.ThreeAxes>

  /// The mean of each channel of `[batch, channels, spatial…]`: `[batch, channels]`.
  public struct GlobalAveragePoolingND<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = .pooling("GlobalAveragePooling\(Axes.count)D", Axes.count, dataFormat, name) {
        Keras.LayerBody { Keras.pooled($0[0].globalAveragePool(), keepsAxes ? Axes.count : 0) }
      }
    }
  }

  /// The mean of each channel of sequences.
  public typealias GlobalAveragePooling1D = GlobalAveragePoolingND<Keras.OneAxis>
  /// The mean of each channel of images.
  public typealias GlobalAveragePooling2D = GlobalAveragePoolingND<Keras.TwoAxes>
  /// The mean of each channel of volumes.
  public typealias GlobalAveragePooling3D = GlobalAveragePoolingND<Keras.ThreeAxes>

  /// The largest of each channel of `[batch, channels, spatial…]`: `[batch, channels]`.
  public struct GlobalMaxPoolingND<Axes: Keras.SpatialAxes>: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose result has spatial axes of one element when `keepsAxes`.
    public init(keepsAxes: Bool = false, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = .pooling("GlobalMaxPooling\(Axes.count)D", Axes.count, dataFormat, name) {
        Keras.LayerBody { Keras.pooled($0[0].globalMaxPool(), keepsAxes ? Axes.count : 0) }
      }
    }
  }

  /// The largest of each channel of sequences.
  public typealias GlobalMaxPooling1D = GlobalMaxPoolingND<Keras.OneAxis>
  /// The largest of each channel of images.
  public typealias GlobalMaxPooling2D = GlobalMaxPoolingND<Keras.TwoAxes>
  /// The largest of each channel of volumes.
  public typealias GlobalMaxPooling3D = GlobalMaxPoolingND<Keras.ThreeAxes>
}

extension Keras {
  /// `[batch, channels]` with so many axes of one element behind.
  static func pooled(_ x: Tensor, _ axes: Int) -> Tensor { (0..<axes).reduce(x) { x, _ in x.expanded(-1) } }
}

extension Keras.LayerCore {
  /// A layer without weights over inputs of so many spatial axes; it traps for others.
  static func pooling(
    _ kind: String, _ axes: Int, _ dataFormat: Keras.DataFormat, _ name: String?,
    _ body: @escaping @Sendable () -> Keras.LayerBody
  ) -> Keras.LayerCore {
    Keras.LayerCore(kind, name: name, dataFormat: dataFormat) { specs in
      _ = Keras.channels(specs[0], axes, kind)
      return body()
    }
  }
}
