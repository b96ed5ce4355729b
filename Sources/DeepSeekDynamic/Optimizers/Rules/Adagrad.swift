import CDeepSeekKernels
public import DeepSeekTensor

/// Division by the root of all squared gradients so far (Duchi, Hazan, Singer, 2011); as PyTorch's `Adagrad`.
public struct Adagrad: WeightDecaying {
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

  /// The sum of squares.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState(["sum": .full(weight.shape, initialSum, dtype: weight.dtype)])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    var options = ds_adagrad_options(
      learning_rate: step.learningRate / (1 + Double(state.step - 1) * learningRateDecay), epsilon: epsilon,
      weight_decay: weightDecay, gradient_scale: step.gradientScale)
    withBuffers("Adagrad", &weight, &state, step, [0]) { dtype, count, weight, gradient, slots in
      ds_adagrad(dtype, count, weight, gradient, slots[0], &options)
    }
  }
}
