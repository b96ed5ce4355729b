import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// max(x, 0) with a slope below a threshold and a largest value, as Keras's layer `ReLU` has it.
  public struct ReLU: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// x from `threshold` to `maximum`, `negativeSlope` (x - threshold) below.
    public init(
      maximum: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil
    ) {
      core = Keras.LayerCore("ReLU", name: name) { _ in
        Keras.LayerBody { inputs in
          let x = inputs[0]
          if threshold == 0 && negativeSlope == 0 { return maximum.map { x.clamp(0, $0) } ?? x.relu() }
          let kept = x * x.greaterOrEqual(to: threshold).cast(to: x.dtype)
          let below = (x - threshold).clamp(-Double.infinity, 0) * negativeSlope
          return maximum.map { (kept + below).clamp(-Double.infinity, $0) } ?? kept + below
        }
      }
    }
  }

  /// x where positive, and a slope of its own times x elsewhere. Weights: `slope`, which broadcasts to an example.
  public struct PReLU: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// Slopes of zero at first, the same along `sharedAxes`, counted from 1 as the batch has none.
    public init(sharedAxes: [Int] = [], name: String? = nil) {
      core = Keras.LayerCore("PReLU", name: name) { specs in
        let lengths = specs[0].shape.dimensions.enumerated().dropFirst().map { axis, length -> Int in
          if sharedAxes.contains(axis) { return 1 }
          guard let known = length.known else {
            fatalError("PReLU: axis \(axis) of \(specs[0]) has no known length, and is not shared")
          }
          return known
        }
        let slopes = Slopes(Parameter(Tensor.zeros(Shape(lengths), dtype: specs[0].dtype)))
        return Keras.LayerBody(slopes)
      }
    }
  }

  /// A layer on each step of `[batch, steps, …]` by itself.
  public struct TimeDistributed: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// The inner layer on every step; its weights are this layer's.
    public init(_ layer: any Keras.Layer, name: String? = nil) {
      core = Keras.LayerCore("TimeDistributed", name: name) { specs in
        @Sendable func joined(_ x: Tensor) -> Tensor {
          x.reshaped([x.dimension(0) * x.dimension(1)] + x.shape.dimensions.dropFirst(2))
        }
        let lengths = specs[0].shape.dimensions
        let body = layer.core.body(for: [TensorSpec(specs[0].dtype, Shape([lengths[0] * lengths[1]] + lengths[2...]))])
        let activation = layer.core.activation
        return Keras.LayerBody(body.module) { inputs in
          let x = inputs[0]
          let y = activation.function(body.function([joined(x)]))
          return y.reshaped([x.dimension(0), x.dimension(1)] + y.shape.dimensions.dropFirst())
        }
      }
    }
  }
}

/// Slopes of negative elements.
private final class Slopes: DeepSeekDynamic.Layer {
  let slope: Parameter

  init(_ slope: Parameter) { self.slope = slope }

  func callAsFunction(_ input: Tensor) -> Tensor { input.relu() - (-input).relu() * slope.tensor }
}
