import CDeepSeekKernels
public import DeepSeekTensor

/// Steps of one size, in the direction of the sign of a mix of momentum and gradient (Chen and others, "Symbolic discovery
/// of optimization algorithms", 2023). One moment only: half of Adam's memory. Its learning rate is some ten times smaller
/// than Adam's, its weight decay as much larger.
public struct Lion: WeightDecaying {
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

  /// The momentum.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState(["exp_avg": .zeros(weight.shape, dtype: weight.dtype)])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    var options = ds_lion_options(
      learning_rate: step.learningRate, beta1: betas.0, beta2: betas.1, weight_decay: weightDecay,
      gradient_scale: step.gradientScale)
    withBuffers("Lion", &weight, &state, step, [0]) { dtype, count, weight, gradient, slots in
      ds_lion(dtype, count, weight, gradient, slots[0], &options)
    }
  }
}
