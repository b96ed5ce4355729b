import CDeepSeekKernels
public import DeepSeekTensor

/// A step of RMSprop: division by the root of the squared gradient's running mean (Tieleman and Hinton, 2012), centred when
/// asked (Graves, 2013).
public struct RMSpropOperator: UpdateOperator {
  /// How much of the running means is kept.
  public let smoothing: Double
  /// What is added to the root.
  public let epsilon: Double
  /// Added to the gradient, times the weight.
  public let weightDecay: Double
  /// How much of the last step is kept; 0 for none.
  public let momentum: Double
  /// Whether the squared mean gradient is subtracted.
  public let isCentered: Bool

  /// A step with these numbers.
  public init(smoothing: Double, epsilon: Double, weightDecay: Double, momentum: Double, isCentered: Bool) {
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.isCentered = isCentered
  }

  /// `rmsprop_update`.
  public var name: String { "rmsprop_update" }

  /// The squares' mean, and the gradient's mean and the momentum when they are used.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    let spec = weight.withoutValue
    return [("square_avg", spec)] + (isCentered ? [("grad_avg", spec)] : [])
      + (momentum == 0 ? [] : [("momentum_buffer", spec)])
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    var options = ds_rmsprop_options(
      learning_rate: buffers.learningRate, alpha: smoothing, epsilon: epsilon, momentum: momentum,
      weight_decay: weightDecay, gradient_scale: buffers.gradientScale)
    try check(
      ds_rmsprop(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0],
        isCentered ? buffers.states[1] : nil, momentum == 0 ? nil : buffers.states[buffers.states.count - 1], &options),
      buffers)
  }

  /// Running means, a root and a quotient.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let gradient = operands.gradient + weightDecay * operands.weight
    let square = smoothing * operands.states[0] + (1 - smoothing) * gradient * gradient
    var states = [square]
    var spread = square
    if isCentered {
      let mean = operands.states[1] + (1 - smoothing) * (gradient - operands.states[1])
      states.append(mean)
      // Rounding can leave a variance of zero a little under it.
      spread = (square - mean * mean).maximum(0)
    }
    var step = gradient / (spread.sqrt() + epsilon)
    if momentum != 0 {
      step = momentum * operands.states[operands.states.count - 1] + step
      states.append(step)
    }
    return [operands.weight - operands.narrow(operands.learningRate) * step] + states
  }
}
