import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Keras.Layers {
  /// Each channel (axis 1) normalized over the batch and all positions, with Keras's defaults. Weights under PyTorch's keys;
  /// running statistics are updated by whatever trains the model, the variance being the biased one, as Keras 3 has it.
  public struct BatchNormalization: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer whose running statistics keep `momentum` of what they were at each step. Channels are along `axis`; without
    /// `scale` or `center` that weight stays 1 or 0.
    public init(
      momentum: Double = 0.99, epsilon: Double = 1e-3, axis: Int = 1, scale: Bool = true, center: Bool = true,
      name: String? = nil
    ) {
      core = Keras.LayerCore("BatchNormalization", name: name) { specs in
        let rank = specs[0].shape.rank
        let place = axis < 0 ? axis + rank : axis
        if place < 1 || place >= rank { fatalError("BatchNormalization: axis \(axis) of \(specs[0])") }
        let order = [0, place] + (1..<rank).filter { $0 != place }
        let lengths = specs[0].shape.dimensions
        let channels = Keras.channels(
          TensorSpec(specs[0].dtype, Shape(order.map { lengths[$0] })), nil, "BatchNormalization")
        let norm = BatchNorm(
          channels, epsilon: epsilon, momentum: 1 - momentum, keepsUnbiasedVariance: false, dtype: specs[0].dtype)
        if !scale { norm.weight?.isTrainable = false }
        if !center { norm.bias?.isTrainable = false }
        if place == 1 { return Keras.LayerBody(norm) }
        let back = order.indices.map { order.firstIndex(of: $0)! }
        return Keras.LayerBody(norm) { norm($0[0].transposed(order)).transposed(back) }
      }
    }
  }

  /// The last axis of each example normalized, with Keras's epsilon.
  public struct LayerNormalization: Keras.Layer {
    /// The layer.
    public let core: Keras.LayerCore

    /// A layer; without `scale` or `center` that weight stays 1 or 0.
    public init(epsilon: Double = 1e-3, scale: Bool = true, center: Bool = true, name: String? = nil) {
      core = Keras.LayerCore("LayerNormalization", name: name) { specs in
        let norm = LayerNorm(Keras.lastLength(specs[0], "LayerNormalization"), epsilon: epsilon, dtype: specs[0].dtype)
        if !scale { norm.weight?.isTrainable = false }
        if !center { norm.bias?.isTrainable = false }
        return Keras.LayerBody(norm)
      }
    }
  }
}
