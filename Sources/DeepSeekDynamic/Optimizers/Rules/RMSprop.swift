public import DeepSeekOperators

/// Division by the root of the squared gradient's running mean (Tieleman and Hinton, 2012), centred when asked (Graves,
/// 2013); as PyTorch's `RMSprop`.
public struct RMSprop: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the running mean is kept.
  public var smoothing: Double
  /// What is added to the root.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// How much of the last step is kept; 0 for none.
  public var momentum: Double
  /// Whether the squared mean gradient is subtracted, so that the root is a standard deviation.
  public var isCentered: Bool

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-2, smoothing: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
    momentum: Double = 0, isCentered: Bool = false
  ) {
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentered = isCentered
  }

  /// The operator that makes a step.
  public var operation: RMSpropOperator {
    RMSpropOperator(
      smoothing: smoothing, epsilon: epsilon, weightDecay: weightDecay, momentum: momentum, isCentered: isCentered)
  }
}
