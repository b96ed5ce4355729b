import CDeepSeekKernels
public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam (Kingma and Ba, 2015); as PyTorch's `Adam`: weight decay goes through the gradient.
public struct Adam: WeightDecaying {
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

  /// The two moments, and the largest second one when it is used.
  public func makeState(for weight: Tensor) -> UpdateState { Adam.state(weight, usesLargestMoment) }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    Adam.move(
      &weight, &state, step, betas, epsilon, weightDecay, isDecoupled: false, usesLargestMoment: usesLargestMoment)
  }

  static func state(_ weight: Tensor, _ usesLargestMoment: Bool) -> UpdateState {
    let zeros = { Tensor.zeros(weight.shape, dtype: weight.dtype) }
    return usesLargestMoment
      ? UpdateState(["exp_avg": zeros(), "exp_avg_sq": zeros(), "max_exp_avg_sq": zeros()])
      : UpdateState(["exp_avg": zeros(), "exp_avg_sq": zeros()])
  }

  static func move(
    _ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep, _ betas: (Double, Double),
    _ epsilon: Double, _ weightDecay: Double, isDecoupled: Bool, usesLargestMoment: Bool
  ) {
    let time = Double(state.step)
    var options = ds_adam_options(
      learning_rate: step.learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: step.gradientScale, correction1: 1 - pow(betas.0, time), correction2: 1 - pow(betas.1, time),
      decoupled: isDecoupled)
    withBuffers("Adam", &weight, &state, step, [0, 1, usesLargestMoment ? 2 : -1]) {
      dtype, count, weight, gradient, slots in
      ds_adam(dtype, count, weight, gradient, slots[0], slots[1], slots[2], &options)
    }
  }
}

/// Adam with weight decay that acts on the weight itself (Loshchilov and Hutter, 2019); as PyTorch's `AdamW`.
public struct AdamW: WeightDecaying {
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

  /// The two moments, and the largest second one when it is used.
  public func makeState(for weight: Tensor) -> UpdateState { Adam.state(weight, usesLargestMoment) }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    Adam.move(
      &weight, &state, step, betas, epsilon, weightDecay, isDecoupled: true, usesLargestMoment: usesLargestMoment)
  }
}
