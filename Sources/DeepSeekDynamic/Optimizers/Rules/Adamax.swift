import DeepSeekOperators
public import DeepSeekTensor

/// Adam with the largest gradient, fading, in place of the second moment (Kingma and Ba, arXiv:1412.6980); as PyTorch's
/// `Adamax`. Made of simple operators, several passes over a weight.
public struct Adamax: WeightDecaying {
  /// The step's size.
  public var learningRate: Double
  /// How much of the gradient's running mean and of its largest value is kept.
  public var betas: (Double, Double)
  /// What is added to the largest value.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The mean gradient and the largest.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState(["exp_avg": .zeros(like: weight), "exp_inf": .zeros(like: weight)])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let gradient = step.scaledGradient.decayed(weight, weightDecay)
    let mean = state.tensors[0].lerp(gradient, 1 - betas.0)
    let largest = (state.tensors[1] * betas.1).maximum(gradient.abs() + epsilon)
    state.tensors = [mean, largest]
    weight = weight - step.learningRate.dividing(by: step.missing(betas.0), as: weight) * mean / largest
  }
}

extension UpdateStep {
  /// 1 - βᵗ at this step t, `float64[]`: what part of a running mean that began with zero is there.
  func missing(_ beta: Double) -> Tensor { 1 - power(of: beta, after: 0) }

  /// βᵗ⁺ⁿ at this step t, `float64[]`.
  func power(of beta: Double, after steps: Int) -> Tensor {
    Tensor.full([], beta, dtype: .float64).power(number.cast(to: .float64) + Double(steps))
  }
}

extension Tensor {
  /// A quotient of scalars as a weight has its elements.
  func dividing(by divisor: Tensor, as weight: Tensor) -> Tensor { (self / divisor).cast(to: weight.dtype) }
}
