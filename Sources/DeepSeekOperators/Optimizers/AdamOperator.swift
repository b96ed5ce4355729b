import CDeepSeekKernels
public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A step of Adam (Kingma and Ba, 2015) or, decoupled, of AdamW (Loshchilov and Hutter, 2019).
public struct AdamOperator: UpdateOperator {
  /// How much of the gradient's running mean is kept.
  public let beta1: Double
  /// How much of its square's running mean is kept.
  public let beta2: Double
  /// What is added to the root of the second moment.
  public let epsilon: Double
  /// How strongly weights are pulled towards zero.
  public let weightDecay: Double
  /// Whether weight decay acts on the weight itself rather than through the gradient.
  public let isDecoupled: Bool
  /// Whether the largest second moment so far is used (AMSGrad; Reddi, Kale, Kumar, 2018).
  public let usesLargestMoment: Bool

  /// A step with these numbers.
  public init(
    betas: (Double, Double), epsilon: Double, weightDecay: Double, isDecoupled: Bool, usesLargestMoment: Bool
  ) {
    (beta1, beta2) = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.isDecoupled = isDecoupled
    self.usesLargestMoment = usesLargestMoment
  }

  /// `adam_update` or `adamw_update`.
  public var name: String { isDecoupled ? "adamw_update" : "adam_update" }

  /// The two moments, and the largest second one when it is used.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    let spec = weight.withoutValue
    let moments = [("exp_avg", spec), ("exp_avg_sq", spec)]
    return usesLargestMoment ? moments + [("max_exp_avg_sq", spec)] : moments
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    let time = Double(buffers.step)
    var options = ds_adam_options(
      learning_rate: buffers.learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: buffers.gradientScale, correction1: 1 - pow(beta1, time), correction2: 1 - pow(beta2, time),
      decoupled: isDecoupled)
    try check(
      ds_adam(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0],
        buffers.states[1], usesLargestMoment ? buffers.states[2] : nil, &options),
      buffers)
  }

  /// Running means, their correction for having started at zero, a root and a quotient.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let weight = operands.weight
    let gradient = isDecoupled ? operands.gradient : operands.gradient + weightDecay * weight
    let (first, second) = adamMoments(operands, gradient, beta1, beta2)
    let largest = usesLargestMoment ? second.maximum(operands.states[2]) : second
    let root = operands.narrow(operands.correction(beta2).sqrt())
    let rate = operands.narrow(operands.learningRate / operands.correction(beta1))
    let step = rate * first / (largest.sqrt() / root + epsilon)
    let kept = isDecoupled ? operands.narrow(1 - operands.learningRate * weightDecay) * weight : weight
    return [kept - step, first, second] + (usesLargestMoment ? [largest] : [])
  }
}

/// The gradient's running mean and its square's after a step.
func adamMoments(
  _ operands: UpdateOperands, _ gradient: Tensor, _ beta1: Double, _ beta2: Double
) -> (first: Tensor, second: Tensor) {
  let (first, second) = (operands.states[0], operands.states[1])
  return (first + (1 - beta1) * (gradient - first), beta2 * second + (1 - beta2) * gradient * gradient)
}
