import DeepSeekOperators
public import DeepSeekTensor

/// Adam with Nesterov's momentum (Dozat, 2016); as PyTorch's `NAdam`. Made of simple operators, several passes over a weight.
public struct NAdam: WeightDecaying {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its square's is kept.
  public var betas: (Double, Double)
  /// What is added to the root of the second moment.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// How fast the momentum reaches its full size.
  public var momentumDecay: Double

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0, momentumDecay: Double = 4e-3
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentumDecay = momentumDecay
  }

  /// Both moments, and the product of all momenta so far.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState([
      "exp_avg": .zeros(like: weight), "exp_avg_sq": .zeros(like: weight), "mu_product": .ones([], dtype: .float64),
    ])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let gradient = step.scaledGradient.decayed(weight, weightDecay)
    func momentum(_ steps: Int) -> Tensor {
      let time = (step.number.cast(to: .float64) + Double(steps)) * momentumDecay
      return betas.0 * (1 - 0.5 * Tensor.full([], 0.96, dtype: .float64).power(time))
    }
    let (now, next) = (momentum(0), momentum(1))
    let product = state.tensors[2] * now
    let mean = state.tensors[0].lerp(gradient, 1 - betas.0)
    let square = state.tensors[1] * betas.1 + gradient.square() * (1 - betas.1)
    state.tensors = [mean, square, product]
    let root = (square / step.missing(betas.1).cast(to: weight.dtype)).sqrt() + epsilon
    let ahead = (step.learningRate * (1 - now)).dividing(by: 1 - product, as: weight) * gradient
    let behind = (step.learningRate * next).dividing(by: 1 - product * next, as: weight) * mean
    weight = weight - (ahead + behind) / root
  }
}
