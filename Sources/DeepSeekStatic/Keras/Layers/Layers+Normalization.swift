import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Each channel (axis 1) normalized over the batch and all positions, with Keras's defaults. Weights under PyTorch's keys;
  /// running statistics are updated by whatever trains the model, the variance being the biased one, as Keras 3 has it.
  public struct BatchNormalization: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose running statistics keep `momentum` of what they were at each step.
    public init(momentum: Double = 0.99, epsilon: Double = 1e-3, name: String? = nil) {
      core = Keras.LayerCore("BatchNormalization", name: name) { specs in
        Keras.LayerBody(
          BatchNorm(
            Keras.channels(specs[0], nil, "BatchNormalization"), epsilon: epsilon, momentum: 1 - momentum,
            keepsUnbiasedVariance: false, dtype: specs[0].dtype))
      }
    }
  }

  /// The last axis of each example normalized, with Keras's epsilon.
  public struct LayerNormalization: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer.
    public init(epsilon: Double = 1e-3, name: String? = nil) {
      core = Keras.LayerCore("LayerNormalization", name: name) { specs in
        Keras.LayerBody(
          LayerNorm(Keras.lastLength(specs[0], "LayerNormalization"), epsilon: epsilon, dtype: specs[0].dtype))
      }
    }
  }
}
