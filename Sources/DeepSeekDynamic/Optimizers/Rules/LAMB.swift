public import DeepSeekOperators

/// Adam whose step is scaled, weight by weight, by the ratio of the weight's norm to the step's: for very large batches (You
/// and others, "Large batch optimization for deep learning: training BERT in 76 minutes", 2020).
public struct LAMB: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its square's is kept.
  public var betas: (Double, Double)
  /// What is added to the root of the second moment.
  public var epsilon: Double
  /// Added to the direction, times the weight.
  public var weightDecay: Double
  /// Whether the moments are corrected for starting at zero.
  public var correctsBias: Bool

  /// With the paper's defaults.
  public init(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-6,
    weightDecay: Double = 0.01, correctsBias: Bool = true
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.correctsBias = correctsBias
  }

  /// The operator that makes a step.
  public var operation: LAMBOperator {
    LAMBOperator(betas: betas, epsilon: epsilon, weightDecay: weightDecay, correctsBias: correctsBias)
  }
}
