public import DeepSeekOperators

/// Adam with the second moment of a matrix kept as one row and one column, and steps relative to the weight's own size: next
/// to no memory beside the weights (Shazeer and Stern, 2018), in the form that is common for T5.
public struct Adafactor: WeightDecaying, FusedUpdateRule {
  /// The step's size; used only without ``usesRelativeStep``, but a schedule multiplies the relative one too.
  public var learningRate: Double
  /// What is added to squared gradients, and the least size of a weight that steps are relative to.
  public var epsilons: (Double, Double)
  /// The step's root mean square is brought down to this.
  public var clippingThreshold: Double
  /// The second moment at step t keeps 1 - t^this.
  public var decayRate: Double
  /// How much of the step's running mean is kept; `nil` for none.
  public var momentum: Double?
  /// What part of the weight, times the step's size, is taken away at each step.
  public var weightDecay: Double
  /// Whether steps are multiplied by the weight's root mean square.
  public var scalesByWeight: Bool
  /// Whether the step's size follows from the step's number: min(0.01, 1/√t).
  public var usesRelativeStep: Bool
  /// Whether the relative step's size starts small: min(10⁻⁶ t, 1/√t).
  public var warmsUp: Bool

  /// With the paper's defaults; a learning rate of one's own turns the relative step off.
  public init(
    learningRate: Double? = nil, epsilons: (Double, Double) = (1e-30, 1e-3), clippingThreshold: Double = 1,
    decayRate: Double = -0.8, momentum: Double? = nil, weightDecay: Double = 0, scalesByWeight: Bool = true,
    warmsUp: Bool = false
  ) {
    self.learningRate = learningRate ?? 1
    usesRelativeStep = learningRate == nil
    self.epsilons = epsilons
    self.clippingThreshold = clippingThreshold
    self.decayRate = decayRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.scalesByWeight = scalesByWeight
    self.warmsUp = warmsUp
  }

  /// The operator that makes a step.
  public var operation: AdafactorOperator {
    AdafactorOperator(
      epsilons: epsilons, clippingThreshold: clippingThreshold, decayRate: decayRate, momentum: momentum,
      weightDecay: weightDecay, scalesByWeight: scalesByWeight, usesRelativeStep: usesRelativeStep, warmsUp: warmsUp)
  }
}
