import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// The sum of several tensors of one shape, or that broadcast.
  public struct Add: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Add", name: name) { _ in Keras.LayerBody { $0.dropFirst().reduce($0[0]) { $0 + $1 } } }
    }
  }

  /// The first tensor less the second.
  public struct Subtract: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Subtract", name: name) { _ in Keras.LayerBody { $0[0] - $0[1] } }
    }
  }

  /// The product of several tensors, element by element.
  public struct Multiply: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Multiply", name: name) { _ in Keras.LayerBody { $0.dropFirst().reduce($0[0]) { $0 * $1 } }
      }
    }
  }

  /// The mean of several tensors, element by element.
  public struct Average: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Average", name: name) { _ in
        Keras.LayerBody { $0.dropFirst().reduce($0[0]) { $0 + $1 } / Double($0.count) }
      }
    }
  }

  /// The largest of several tensors, element by element.
  public struct Maximum: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Maximum", name: name) { _ in
        Keras.LayerBody { $0.dropFirst().reduce($0[0]) { $0.maximum($1) } }
      }
    }
  }

  /// The smallest of several tensors, element by element.
  public struct Minimum: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The layer.
    public init(name: String? = nil) {
      core = Keras.LayerCore("Minimum", name: name) { _ in
        Keras.LayerBody { $0.dropFirst().reduce($0[0]) { $0.minimum($1) } }
      }
    }
  }

  /// Several tensors one after another along an axis.
  public struct Concatenate: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Along this axis, the last by default.
    public init(axis: Int = -1, name: String? = nil) {
      core = Keras.LayerCore("Concatenate", name: name) { _ in
        Keras.LayerBody { Tensor.concatenate($0, axis: axis) }
      }
    }
  }

  /// The products of two tensors' vectors along their last axis: `[batch, width]` twice to `[batch, 1]`.
  public struct Dot: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Of vectors as they are, or first brought to length 1.
    public init(normalize: Bool = false, name: String? = nil) {
      core = Keras.LayerCore("Dot", name: name) { _ in
        Keras.LayerBody { inputs in
          if normalize { return inputs[0].cosineSimilarity(inputs[1], axis: -1).expanded(-1) }
          return (inputs[0] * inputs[1]).sum(axis: -1, keepAxes: true)
        }
      }
    }
  }
}
