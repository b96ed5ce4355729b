public import DeepSeekOperators

/// Stochastic gradient descent, with momentum when asked (Sutskever, Martens, Dahl, Hinton, 2013); as PyTorch's `SGD`.
public struct SGD: WeightDecaying, FusedUpdateRule {
  /// The step's size.
  public var learningRate: Double
  /// How much of the last step is kept; 0 for none.
  public var momentum: Double
  /// By how much a new gradient counts less in the momentum.
  public var dampening: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// Whether the gradient is looked up one step ahead.
  public var isNesterov: Bool

  /// With PyTorch's defaults. Traps when Nesterov is asked for without momentum or with dampening.
  public init(
    learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    isNesterov: Bool = false
  ) {
    if isNesterov && (momentum <= 0 || dampening != 0) {
      fatalError("SGD: Nesterov needs momentum and no dampening; momentum is \(momentum), dampening \(dampening)")
    }
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// The operator that makes a step.
  public var operation: SGDOperator {
    SGDOperator(momentum: momentum, dampening: dampening, weightDecay: weightDecay, isNesterov: isNesterov)
  }
}
