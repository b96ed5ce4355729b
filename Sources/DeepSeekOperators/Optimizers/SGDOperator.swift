import CDeepSeekKernels
public import DeepSeekTensor

/// A step of stochastic gradient descent, with momentum when asked (Sutskever, Martens, Dahl, Hinton, 2013).
public struct SGDOperator: UpdateOperator {
  /// How much of the last step is kept; 0 for none, and then there is no state.
  public let momentum: Double
  /// By how much a new gradient counts less in the momentum.
  public let dampening: Double
  /// Added to the gradient, times the weight.
  public let weightDecay: Double
  /// Whether the gradient is looked up one step ahead.
  public let isNesterov: Bool

  /// A step with these numbers.
  public init(momentum: Double, dampening: Double, weightDecay: Double, isNesterov: Bool) {
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// `sgd_update`.
  public var name: String { "sgd_update" }

  /// The momentum, when there is any.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    momentum == 0 ? [] : [("momentum_buffer", weight.withoutValue)]
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    var options = ds_sgd_options(
      learning_rate: buffers.learningRate, momentum: momentum, dampening: dampening, weight_decay: weightDecay,
      gradient_scale: buffers.gradientScale, nesterov: isNesterov, first_step: buffers.step == 1)
    try check(
      ds_sgd(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states.first, &options),
      buffers)
  }

  /// Products and sums. The first step's momentum is the whole gradient.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let weight = operands.weight
    let rate = operands.narrow(operands.learningRate)
    let gradient = operands.gradient + weightDecay * weight
    guard let earlier = operands.states.first else { return [weight - rate * gradient] }
    let fresh = Tensor.select(
      operands.step.equal(to: 1), Tensor.ones([], dtype: .float64), Tensor.full([], 1 - dampening, dtype: .float64))
    let velocity = momentum * earlier + operands.narrow(fresh) * gradient
    return [weight - rate * (isNesterov ? gradient + momentum * velocity : velocity), velocity]
  }
}
