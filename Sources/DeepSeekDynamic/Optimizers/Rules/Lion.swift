public import DeepSeekOperators

/// Steps of one size, in the direction of the sign of a mix of momentum and gradient (Chen and others, "Symbolic discovery
/// of optimization algorithms", 2023). One moment only: half of Adam's memory. Its learning rate is some ten times smaller
/// than Adam's, its weight decay as much larger.
public struct Lion: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much momentum counts in the direction, and how much of it is kept.
  public var betas: (Double, Double)
  /// What part of the weight, times the learning rate, is taken away at each step.
  public var weightDecay: Double

  /// With the paper's defaults.
  public init(learningRate: Double = 1e-4, betas: (Double, Double) = (0.9, 0.99), weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.betas = betas
    self.weightDecay = weightDecay
  }

  /// The operator that makes a step.
  public var operation: LionOperator { LionOperator(betas: betas, weightDecay: weightDecay) }
}
