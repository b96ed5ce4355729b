public import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
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
  /// How elements between others come about.
  public enum Interpolation: String, Sendable, Hashable {
    /// As the nearest is.
    case nearest
    /// From the nearest on each side, by their distance.
    case bilinear
  }
}
