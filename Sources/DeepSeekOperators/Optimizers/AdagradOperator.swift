import CDeepSeekKernels
public import DeepSeekTensor

/// A step of Adagrad: division by the root of all squared gradients so far (Duchi, Hazan, Singer, 2011).
public struct AdagradOperator: UpdateOperator {
  /// How fast the learning rate falls: it is divided by 1 + (t - 1) times this at step t.
  public let learningRateDecay: Double
  /// Added to the gradient, times the weight.
  public let weightDecay: Double
  /// What the sum of squares starts from.
  public let initialState: Double
  /// What is added to the root.
  public let epsilon: Double

  /// A step with these numbers.
  public init(learningRateDecay: Double, weightDecay: Double, initialSum: Double, epsilon: Double) {
    self.learningRateDecay = learningRateDecay
    self.weightDecay = weightDecay
    initialState = initialSum
    self.epsilon = epsilon
  }

  /// `adagrad_update`.
  public var name: String { "adagrad_update" }

  /// The sum of squares.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] { [("sum", weight.withoutValue)] }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    var options = ds_adagrad_options(
      learning_rate: buffers.learningRate / (1 + (Double(buffers.step) - 1) * learningRateDecay), epsilon: epsilon,
      weight_decay: weightDecay, gradient_scale: buffers.gradientScale)
    try check(
      ds_adagrad(
        buffers.kernelType, Int64(buffers.count), buffers.weight, buffers.gradient, buffers.states[0], &options),
      buffers)
  }

  /// A sum, a root and a quotient.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let gradient = operands.gradient + weightDecay * operands.weight
    let sum = operands.states[0] + gradient * gradient
    let rate = operands.learningRate / (1 + (operands.step - 1) * learningRateDecay)
    return [operands.weight - operands.narrow(rate) * gradient / (sum.sqrt() + epsilon), sum]
  }
}
