import CDeepSeekKernels
public import DeepSeekTensor

/// A step of LARS: momentum whose learning rate is scaled by the ratio of the weight's norm to the gradient's (You, Gitman,
/// Ginsburg, 2017).
public struct LARSOperator: UpdateOperator {
  /// How much of the last step is kept.
  public let momentum: Double
  /// Added to the gradient, times the weight.
  public let weightDecay: Double
  /// How far a weight may move at one step, as a part of its norm.
  public let trust: Double
  /// What is added to the ratio's denominator.
  public let epsilon: Double

  /// A step with these numbers.
  public init(momentum: Double, weightDecay: Double, trust: Double, epsilon: Double) {
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.trust = trust
    self.epsilon = epsilon
  }

  /// `lars_update`.
  public var name: String { "lars_update" }

  /// The momentum.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    [("momentum_buffer", weight.withoutValue)]
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    var options = ds_lars_options(
      learning_rate: buffers.learningRate, momentum: momentum, weight_decay: weightDecay, trust: trust,
      epsilon: epsilon, gradient_scale: buffers.gradientScale)
    try check(
      ds_lars(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0], &options),
      buffers)
  }

  /// Two norms, products and sums.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let (weight, gradient) = (operands.weight, operands.gradient)
    let (size, slope) = (operands.norm(weight), operands.norm(gradient))
    let ratio = trust * size / (slope + weightDecay * size + epsilon)
    let rate = operands.narrow(operands.learningRate * operands.trusted(ratio, size, slope))
    let velocity = momentum * operands.states[0] + rate * (gradient + weightDecay * weight)
    return [weight - velocity, velocity]
  }
}
