import CDeepSeekKernels
public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Adam whose step is scaled, weight by weight, by the ratio of the weight's norm to the step's: for very large batches (You
/// and others, "Large batch optimization for deep learning: training BERT in 76 minutes", 2020).
public struct LAMB: WeightDecaying {
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

  /// The two moments.
  public func makeState(for weight: Tensor) -> UpdateState { Adam.state(weight, false) }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let time = Double(state.step)
    var options = ds_lamb_options(
      learning_rate: step.learningRate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: step.gradientScale, correction1: correctsBias ? 1 - pow(betas.0, time) : 1,
      correction2: correctsBias ? 1 - pow(betas.1, time) : 1)
    withBuffers("LAMB", &weight, &state, step, [0, 1]) { dtype, count, weight, gradient, slots in
      ds_lamb(dtype, count, weight, gradient, slots[0], slots[1], &options)
    }
  }
}
