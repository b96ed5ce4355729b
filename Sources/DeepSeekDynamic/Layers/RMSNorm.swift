import DeepSeekOperators
public import DeepSeekTensor

/// Division by the root of the mean square over the last axis, then scale (Zhang and Sennrich, 2019).
///
/// Key: `weight` `[width]`, ones at first.
public final class RMSNorm: Layer {
  /// The scale, `[width]`.
  public let weight: Parameter
  /// What is added to the mean square.
  public let epsilon: Double

  /// A layer over the last axis, of length `width`.
  public init(_ width: Int, epsilon: Double = 1e-6, dtype: DType = .float32) {
    weight = Parameter(Initializer.ones([width], dtype: dtype))
    self.epsilon = epsilon
  }

  /// `[…, width]` to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.rmsNorm(weight: weight.tensor, epsilon: epsilon) }
}
