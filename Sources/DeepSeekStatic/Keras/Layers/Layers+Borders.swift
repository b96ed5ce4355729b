public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Zeros around `[batch, channels, height, width]`.
  public struct ZeroPadding2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// So many rows above and below, and columns left and right.
    public init(_ padding: PerAxis = 1, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      let widths = padding.values(2, "ZeroPadding2D: padding")
      self.init(
        rows: (widths[0], widths[0]), columns: (widths[1], widths[1]), dataFormat: dataFormat, name: name)
    }

    /// So many rows above and below, and columns left and right, each by itself.
    public init(
      rows: (Int, Int), columns: (Int, Int), dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("ZeroPadding2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "ZeroPadding2D")
        return Keras.LayerBody { $0[0].padded([(0, 0), (0, 0), rows, columns]) }
      }
    }
  }

  /// Zeros at both ends of `[batch, channels, length]`.
  public struct ZeroPadding1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// So many before and after.
    public init(
      _ before: Int = 1, _ after: Int? = nil, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("ZeroPadding1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "ZeroPadding1D")
        return Keras.LayerBody { $0[0].padded([(0, 0), (0, 0), (before, after ?? before)]) }
      }
    }
  }

  /// `[batch, channels, height, width]` without its borders. Both lengths must be known.
  public struct Cropping2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Without so many rows above and below, and columns left and right.
    public init(
      rows: (Int, Int), columns: (Int, Int), dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil
    ) {
      core = Keras.LayerCore("Cropping2D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 2, "Cropping2D")
        let cuts = [rows, columns]
        let extents = (0..<2).map { axis -> SliceOperator.Extent in
          guard let length = specs[0].shape.dimension(axis + 2).known, length >= cuts[axis].0 + cuts[axis].1 else {
            fatalError("Cropping2D: \(cuts[axis]) of \(specs[0]), whose height and width must be known")
          }
          return SliceOperator.Extent(
            axis: axis + 2, start: cuts[axis].0, count: length - cuts[axis].0 - cuts[axis].1)
        }
        return Keras.LayerBody { apply(SliceOperator(extents), [$0[0]])[0] }
      }
    }
  }

  /// Each element of `[batch, channels, length]` several times.
  public struct UpSampling1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Each so many times.
    public init(_ size: Int = 2, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("UpSampling1D", name: name, dataFormat: dataFormat) { specs in
        _ = Keras.channels(specs[0], 1, "UpSampling1D")
        return Keras.LayerBody { $0[0].repeated(size, axis: 2) }
      }
    }
  }
}
