import DeepSeekOperators
import DeepSeekTensor

extension Keras {
  /// Where images and sequences have their channels.
  public enum DataFormat: String, Sendable, Hashable {
    /// `[batch, channels, spatial…]`, as everywhere in this framework.
    case channelsFirst = "channels_first"
    /// `[batch, spatial…, channels]`, Keras's default: for models that come from there, with their data.
    case channelsLast = "channels_last"
  }
}

extension Keras.LayerCore {
  /// A layer that is written for channels before the spatial axes and turned around for the other format.
  convenience init(
    _ kind: String, name: String?, activation: Keras.Activation = .linear, dataFormat: Keras.DataFormat,
    _ make: @escaping @Sendable ([TensorSpec]) -> Keras.LayerBody
  ) {
    guard dataFormat == .channelsLast else {
      self.init(kind, name: name, activation: activation, make)
      return
    }
    self.init(kind, name: name, activation: activation) { specs in
      let body = make(specs.map { TensorSpec($0.dtype, Keras.channelsFirst($0.shape)) })
      return Keras.LayerBody(body.module) { inputs in
        Keras.channelsLast(body.function(inputs.map { Keras.channelsFirst($0) }))
      }
    }
  }
}

extension Keras {
  /// `[batch, spatial…, channels]` as `[batch, channels, spatial…]`.
  static func channelsFirst(_ shape: Shape) -> Shape {
    guard shape.rank > 2 else { return shape }
    let lengths = shape.dimensions
    return Shape([lengths[0], lengths[lengths.count - 1]] + lengths[1..<lengths.count - 1])
  }

  /// The same of a tensor.
  static func channelsFirst(_ x: Tensor) -> Tensor {
    x.rank > 2 ? x.transposed([0, x.rank - 1] + Array(1..<x.rank - 1)) : x
  }

  /// `[batch, channels, spatial…]` as `[batch, spatial…, channels]`.
  static func channelsLast(_ x: Tensor) -> Tensor { x.rank > 2 ? x.transposed([0] + Array(2..<x.rank) + [1]) : x }
}
