public import DeepSeekOperators

/// Division by the root of all squared gradients so far (Duchi, Hazan, Singer, 2011); as PyTorch's `Adagrad`.
public struct Adagrad: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How fast the learning rate falls: it is divided by 1 + (t - 1) times this at step t.
  public var learningRateDecay: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// What the sum of squares starts from.
  public var initialSum: Double
  /// What is added to the root.
  public var epsilon: Double

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0, initialSum: Double = 0,
    epsilon: Double = 1e-10
  ) {
    self.learningRate = learningRate
    self.learningRateDecay = learningRateDecay
    self.weightDecay = weightDecay
    self.initialSum = initialSum
    self.epsilon = epsilon
  }

  /// The operator that makes a step.
  public var operation: AdagradOperator {
    AdagradOperator(
      learningRateDecay: learningRateDecay, weightDecay: weightDecay, initialSum: initialSum, epsilon: epsilon)
  }
}
