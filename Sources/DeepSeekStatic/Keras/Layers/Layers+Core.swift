public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

extension Keras.Layers {
  /// A fully connected layer over the last axis: `[…, inputs]` to `[…, units]`. Weights: `weight` `[units, inputs]`, Glorot
  /// uniform at first, and `bias`, zeros.
  public struct Dense: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer of `units` outputs.
    public init(
      _ units: Int, activation: Keras.Activation = .linear, useBias: Bool = true,
      kernelInitializer: Initializer = .xavierUniform(), biasInitializer: Initializer = .zeros, name: String? = nil
    ) {
      core = Keras.LayerCore("Dense", name: name, activation: activation) { specs in
        let linear = Linear(Keras.lastLength(specs[0], "Dense"), units, bias: useBias, dtype: specs[0].dtype)
        kernelInitializer(linear.weight)
        linear.bias.map { biasInitializer($0) }
        return Keras.LayerBody(linear, activated: { linear($0[0], activation: $1) }, { linear($0[0]) })
      }
    }
  }

  /// Integers of any shape to vectors: `[…]` to `[…, outputSize]`. Weights: `weight` `[inputSize, outputSize]`, uniform within
  /// ±0.05 at first.
  public struct Embedding: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A table of `inputSize` rows.
    public init(
      _ inputSize: Int, _ outputSize: Int, initializer: Initializer = .uniform(-0.05, 0.05), name: String? = nil
    ) {
      core = Keras.LayerCore("Embedding", name: name) { _ in
        let table = DeepSeekDynamic.Embedding(weight: Parameter(initializer([inputSize, outputSize])))
        return Keras.LayerBody(table) { indices in
          table(indices[0].dtype.isFloatingPoint ? indices[0].cast(to: .int64) : indices[0])
        }
      }
    }
  }

  /// An activation as a layer.
  public struct Activation: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that applies it.
    public init(_ activation: Keras.Activation, name: String? = nil) {
      core = Keras.LayerCore("Activation", name: name, activation: activation) { _ in Keras.LayerBody { $0[0] } }
    }
  }

  /// Zeros elements at random while training, and widens the others.
  public struct Dropout: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that drops at this rate.
    public init(_ rate: Double, name: String? = nil) {
      core = Keras.LayerCore("Dropout", name: name) { _ in Keras.LayerBody(DeepSeekDynamic.Dropout(rate)) }
    }
  }

  /// Zeros whole channels of `[batch, channels, height, width]` at random while training.
  public struct SpatialDropout2D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that drops channels at this rate.
    public init(_ rate: Double, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("SpatialDropout2D", name: name, dataFormat: dataFormat) { _ in
        Keras.LayerBody(ChannelDropout(rate))
      }
    }
  }

  /// Zeros whole channels of `[batch, channels, length]` at random while training.
  public struct SpatialDropout1D: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that drops channels at this rate.
    public init(_ rate: Double, dataFormat: Keras.DataFormat = .channelsFirst, name: String? = nil) {
      core = Keras.LayerCore("SpatialDropout1D", name: name, dataFormat: dataFormat) { _ in
        Keras.LayerBody(ChannelDropout(rate))
      }
    }
  }

  /// All axes but the batch joined into one.
  public struct Flatten: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Flatten", name: name) { specs in
        specs[0].shape.rank == 1 ? Keras.LayerBody { $0[0].expanded(-1) } : Keras.LayerBody(DeepSeekDynamic.Flatten())
      }
    }
  }

  /// Each example in another shape; one length may be -1 and is then computed.
  public struct Reshape: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Examples of this shape.
    public init(_ shape: [Int], name: String? = nil) {
      core = Keras.LayerCore("Reshape", name: name) { specs in
        let size = specs[0].shape.dimensions.dropFirst().reduce(1) { $0 * $1 }
        let known = shape.filter { $0 >= 0 }.reduce(1, *)
        let lengths = shape.map { $0 >= 0 ? Dimension($0) : size / Dimension(Swift.max(known, 1)) }
        return Keras.LayerBody { $0[0].reshaped([$0[0].dimension(0)] + lengths) }
      }
    }
  }

  /// The axes of each example in another order; counted from 1, as the batch stays.
  public struct Permute: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Axes in this order: `[2, 1]` swaps the two of a matrix.
    public init(_ order: [Int], name: String? = nil) {
      core = Keras.LayerCore("Permute", name: name) { _ in Keras.LayerBody { $0[0].transposed([0] + order) } }
    }
  }

  /// `[batch, width]` to `[batch, count, width]`, each row so many times.
  public struct RepeatVector: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// So many times.
    public init(_ count: Int, name: String? = nil) {
      core = Keras.LayerCore("RepeatVector", name: name) { _ in
        Keras.LayerBody { inputs in
          let x = inputs[0]
          return x.expanded(1).broadcast(to: Shape([x.dimension(0), Dimension(count), x.dimension(1)]))
        }
      }
    }
  }

  /// A function as a layer; it holds no weights.
  public struct Lambda: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that calls `function`.
    public init(name: String? = nil, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      core = Keras.LayerCore("Lambda", name: name) { _ in Keras.LayerBody { function($0[0]) } }
    }
  }

  /// A layer of the dynamic graph as it is, weights and all; a whole model too.
  public struct Wrapped: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer that calls `layer`.
    public init(_ layer: any DeepSeekDynamic.Layer, name: String? = nil) {
      core = Keras.LayerCore(String(describing: type(of: layer)), name: name) { _ in Keras.LayerBody(layer) }
    }

    /// A whole model as a layer of another, with all its outputs, trained and evaluated as that one is.
    public init(model: Keras.Model, name: String? = nil) {
      core = Keras.LayerCore("Model", name: name) { _ in
        Keras.LayerBody(model, outputs: { model($0, training: model.mode.isTraining) })
      }
    }

    /// A layer that is made when its input is known.
    public init(
      _ kind: String, name: String? = nil, _ make: @escaping @Sendable (TensorSpec) -> any DeepSeekDynamic.Layer
    ) {
      core = Keras.LayerCore(kind, name: name) { Keras.LayerBody(make($0[0])) }
    }
  }
}

extension Keras {
  /// The length of the last axis, which weights depend on. Traps when it is open.
  static func lastLength(_ spec: TensorSpec, _ kind: String) -> Int {
    guard spec.shape.rank > 1, let length = spec.shape.dimension(-1).known else {
      fatalError("\(kind): its input is \(spec); the length of the last axis must be known, as weights depend on it")
    }
    return length
  }

  /// The number of channels, axis 1, of `[batch, channels, spatial…]`. Traps for another rank and when it is open.
  static func channels(_ spec: TensorSpec, _ spatialRank: Int?, _ kind: String) -> Int {
    let isRankRight = spatialRank.map { spec.shape.rank == $0 + 2 } ?? (spec.shape.rank >= 2)
    guard isRankRight, let channels = spec.shape.dimension(1).known else {
      let spatial = (0..<(spatialRank ?? 0)).map { _ in ", length" }.joined()
      fatalError("\(kind): its input is \(spec); [batch, channels\(spatial)] with known channels is expected")
    }
    return channels
  }
}
