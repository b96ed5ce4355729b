import DeepSeekOperators
public import DeepSeekTensor

/// Adam whose first steps, until the second moment is known well enough, are those of momentum alone, which makes warm-up
/// unnecessary (Liu et al., arXiv:1908.03265); as PyTorch's `RAdam`. Made of simple operators, several passes over a weight.
public struct RAdam: WeightDecaying {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its square's is kept.
  public var betas: (Double, Double)
  /// What is added to the root of the second moment.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Both moments.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState(["exp_avg": .zeros(like: weight), "exp_avg_sq": .zeros(like: weight)])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let gradient = step.scaledGradient.decayed(weight, weightDecay)
    let mean = state.tensors[0].lerp(gradient, 1 - betas.0)
    let square = state.tensors[1] * betas.1 + gradient.square() * (1 - betas.1)
    state.tensors = [mean, square]
    let missing = step.missing(betas.1)
    // The length of the approximated average, and how much its variance exceeds that of one without end.
    let longest = 2 / (1 - betas.1) - 1
    let length = longest - step.number.cast(to: .float64) * step.power(of: betas.1, after: 0) * 2 / missing
    let isKnown = length.greater(than: 5)
    let safe = Tensor.select(isKnown, length, longest)
    let shape = longest / ((longest - 4) * (longest - 2))
    let rectified = ((safe - 4) * (safe - 2) / safe * shape * missing).sqrt().cast(to: weight.dtype)
    let adaptive = Tensor.select(isKnown, rectified / (square.sqrt() + epsilon), 1)
    weight = weight - step.learningRate.dividing(by: step.missing(betas.0), as: weight) * mean * adaptive
  }
}
