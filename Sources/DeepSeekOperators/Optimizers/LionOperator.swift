import CDeepSeekKernels
public import DeepSeekTensor

/// A step of Lion: of one size, in the direction of the sign of a mix of momentum and gradient (Chen and others, 2023).
public struct LionOperator: UpdateOperator {
  /// How much momentum counts in the direction.
  public let beta1: Double
  /// How much of the momentum is kept.
  public let beta2: Double
  /// What part of the weight, times the learning rate, is taken away.
  public let weightDecay: Double

  /// A step with these numbers.
  public init(betas: (Double, Double), weightDecay: Double) {
    (beta1, beta2) = betas
    self.weightDecay = weightDecay
  }

  /// `lion_update`.
  public var name: String { "lion_update" }

  /// The momentum.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    [("exp_avg", weight.withoutValue)]
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    var options = ds_lion_options(
      learning_rate: buffers.learningRate, beta1: beta1, beta2: beta2, weight_decay: weightDecay,
      gradient_scale: buffers.gradientScale)
    try check(
      ds_lion(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0], &options),
      buffers)
  }

  /// A sign, products and sums.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let momentum = operands.states[0]
    let direction = beta1 * momentum + (1 - beta1) * operands.gradient
    let kept = operands.narrow(1 - operands.learningRate * weightDecay) * operands.weight
    return [
      kept - operands.narrow(operands.learningRate) * direction.sign(),
      beta2 * momentum + (1 - beta2) * operands.gradient,
    ]
  }
}
