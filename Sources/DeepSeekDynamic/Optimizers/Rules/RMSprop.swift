import CDeepSeekKernels
public import DeepSeekTensor

/// Division by the root of the squared gradient's running mean (Tieleman and Hinton, 2012), centred when asked (Graves,
/// 2013); as PyTorch's `RMSprop`.
public struct RMSprop: WeightDecaying {
  /// The step's size.
  public var learningRate: Double
  /// How much of the running mean is kept.
  public var smoothing: Double
  /// What is added to the root.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double
  /// How much of the last step is kept; 0 for none.
  public var momentum: Double
  /// Whether the squared mean gradient is subtracted, so that the root is a standard deviation.
  public var isCentered: Bool

  /// With PyTorch's defaults.
  public init(
    learningRate: Double = 1e-2, smoothing: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
    momentum: Double = 0, isCentered: Bool = false
  ) {
    self.learningRate = learningRate
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentered = isCentered
  }

  /// The squares' mean, and the gradient's mean and the momentum when they are used.
  public func makeState(for weight: Tensor) -> UpdateState {
    let zeros = { Tensor.zeros(weight.shape, dtype: weight.dtype) }
    switch (isCentered, momentum != 0) {
    case (false, false): return UpdateState(["square_avg": zeros()])
    case (true, false): return UpdateState(["square_avg": zeros(), "grad_avg": zeros()])
    case (false, true): return UpdateState(["square_avg": zeros(), "momentum_buffer": zeros()])
    case (true, true):
      return UpdateState(["square_avg": zeros(), "grad_avg": zeros(), "momentum_buffer": zeros()])
    }
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    var options = ds_rmsprop_options(
      learning_rate: step.learningRate, alpha: smoothing, epsilon: epsilon, momentum: momentum,
      weight_decay: weightDecay, gradient_scale: step.gradientScale)
    let mean = isCentered ? 1 : -1
    let velocity = momentum == 0 ? -1 : isCentered ? 2 : 1
    withBuffers("RMSprop", &weight, &state, step, [0, mean, velocity]) { dtype, count, weight, gradient, slots in
      ds_rmsprop(dtype, count, weight, gradient, slots[0], slots[1], slots[2], &options)
    }
  }
}
