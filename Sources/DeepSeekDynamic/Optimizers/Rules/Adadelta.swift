import DeepSeekOperators
public import DeepSeekTensor

/// Steps in the units of the weights: the root of the last steps' mean square over that of the gradients' (Zeiler,
/// arXiv:1212.5701); as PyTorch's `Adadelta`. Made of simple operators, several passes over a weight.
public struct Adadelta: WeightDecaying {
  /// The step's size.
  public var learningRate: Double
  /// How much of the running means is kept.
  public var decay: Double
  /// What is added below the roots.
  public var epsilon: Double
  /// Added to the gradient, times the weight.
  public var weightDecay: Double

  /// With PyTorch's defaults.
  public init(learningRate: Double = 1, decay: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The mean squares of gradients and of steps.
  public func makeState(for weight: Tensor) -> UpdateState {
    UpdateState(["square_avg": .zeros(like: weight), "acc_delta": .zeros(like: weight)])
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let gradient = step.scaledGradient.decayed(weight, weightDecay)
    let squares = state.tensors[0] * decay + gradient.square() * (1 - decay)
    let move = (state.tensors[1] + epsilon).sqrt() / (squares + epsilon).sqrt() * gradient
    state.tensors = [squares, state.tensors[1] * decay + move.square() * (1 - decay)]
    weight = weight - step.size * move
  }
}

extension Tensor {
  /// A gradient with that of the weights' squared norm.
  func decayed(_ weight: Tensor, _ weightDecay: Double) -> Tensor {
    weightDecay == 0 ? self : self + weight * weightDecay
  }
}
