public import DeepSeekOperators

/// Adam (Kingma and Ba, 2015); as PyTorch's `Adam`: weight decay goes through the gradient.
public struct Adam: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its square's is kept.
  public var betas: (Double, Double)
  /// What is added to the root of the second moment.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// Whether the largest second moment so far is used (Reddi, Kale, Kumar, "AMSGrad", 2018).
  public var usesLargestMoment: Bool

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, usesLargestMoment: Bool = false
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.usesLargestMoment = usesLargestMoment
  }

  /// The operator that makes a step.
  public var operation: AdamOperator {
    AdamOperator(
      betas: betas, epsilon: epsilon, weightDecay: weightDecay, isDecoupled: false,
      usesLargestMoment: usesLargestMoment)
  }
}

/// Adam with weight decay that acts on the weight itself (Loshchilov and Hutter, 2019); as PyTorch's `AdamW`.
public struct AdamW: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its square's is kept.
  public var betas: (Double, Double)
  /// What is added to the root of the second moment.
  public var epsilon: Double
  /// What part of the weight, times the learning rate, is taken away at each step.
  public var weightDecay: Double
  /// Whether the largest second moment so far is used (AMSGrad).
  public var usesLargestMoment: Bool

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0.01, usesLargestMoment: Bool = false
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.usesLargestMoment = usesLargestMoment
  }

  /// The operator that makes a step.
  public var operation: AdamOperator {
    AdamOperator(
      betas: betas, epsilon: epsilon, weightDecay: weightDecay, isDecoupled: true,
      usesLargestMoment: usesLargestMoment)
  }
}
