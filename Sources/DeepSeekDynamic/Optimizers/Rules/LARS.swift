public import DeepSeekOperators

/// Momentum whose learning rate is scaled, weight by weight, by the ratio of the weight's norm to the gradient's (You,
/// Gitman, Ginsburg, "Large batch training of convolutional networks", 2017).
public struct LARS: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the last step is kept.
  public var momentum: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// How far a weight may move at one step, as a part of its norm.
  public var trust: Double
  /// What is added to the ratio's denominator.
  public var epsilon: Double

  /// With the paper's defaults.
  public init(
    learningRate: Double = 0.1, momentum: Double = 0.9, weightDecay: Double = 0, trust: Double = 1e-3,
    epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.trust = trust
    self.epsilon = epsilon
  }

  /// The operator that makes a step.
  public var operation: LARSOperator {
    LARSOperator(momentum: momentum, weightDecay: weightDecay, trust: trust, epsilon: epsilon)
  }
}
