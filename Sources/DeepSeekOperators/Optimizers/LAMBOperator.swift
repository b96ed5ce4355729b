import CDeepSeekKernels
public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A step of LAMB: Adam's, scaled by the ratio of the weight's norm to the step's (You and others, 2020).
public struct LAMBOperator: UpdateOperator {
  /// How much of the gradient's running mean is kept.
  public let beta1: Double
  /// How much of its square's running mean is kept.
  public let beta2: Double
  /// What is added to the root of the second moment.
  public let epsilon: Double
  /// Added to the direction, times the weight.
  public let weightDecay: Double
  /// Whether the moments are corrected for starting at zero.
  public let correctsBias: Bool

  /// A step with these numbers.
  public init(betas: (Double, Double), epsilon: Double, weightDecay: Double, correctsBias: Bool) {
    (beta1, beta2) = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.correctsBias = correctsBias
  }

  /// `lamb_update`.
  public var name: String { "lamb_update" }

  /// The two moments.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    [("exp_avg", weight.withoutValue), ("exp_avg_sq", weight.withoutValue)]
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    let time = Double(buffers.step)
    var options = ds_lamb_options(
      learning_rate: buffers.learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: buffers.gradientScale, correction1: correctsBias ? 1 - pow(beta1, time) : 1,
      correction2: correctsBias ? 1 - pow(beta2, time) : 1)
    try check(
      ds_lamb(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0],
        buffers.states[1], &options),
      buffers)
  }

  /// Adam's moments, and two norms.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let weight = operands.weight
    let (first, second) = adamMoments(operands, operands.gradient, beta1, beta2)
    var (mean, root) = (first, second.sqrt())
    if correctsBias {
      mean = first / operands.narrow(operands.correction(beta1))
      root = root / operands.narrow(operands.correction(beta2).sqrt())
    }
    let direction = mean / (root + epsilon) + weightDecay * weight
    let (size, length) = (operands.norm(weight), operands.norm(direction))
    let rate = operands.learningRate * operands.trusted(size / length, size, length)
    return [weight - operands.narrow(rate) * direction, first, second]
  }
}
