import CDeepSeekKernels
public import DeepSeekTensor

/// A step of Adafactor: Adam's with the second moment of a matrix kept as one row and one column (Shazeer and Stern, 2018).
public struct AdafactorOperator: UpdateOperator {
  /// What is added to squared gradients.
  public let squareEpsilon: Double
  /// The least size of a weight that steps are relative to.
  public let scaleEpsilon: Double
  /// The step's root mean square is brought down to this.
  public let clippingThreshold: Double
  /// The second moment at step t keeps 1 - t^this.
  public let decayRate: Double
  /// How much of the step's running mean is kept; `nil` for none.
  public let momentum: Double?
  /// What part of the weight, times the step's size, is taken away.
  public let weightDecay: Double
  /// Whether steps are multiplied by the weight's root mean square.
  public let scalesByWeight: Bool
  /// Whether the learning rate is multiplied by min(0.01, 1/√t).
  public let usesRelativeStep: Bool
  /// Whether the relative step's size starts small: min(10⁻⁶ t, 1/√t).
  public let warmsUp: Bool

  /// A step with these numbers.
  public init(
    epsilons: (Double, Double), clippingThreshold: Double, decayRate: Double, momentum: Double?, weightDecay: Double,
    scalesByWeight: Bool, usesRelativeStep: Bool, warmsUp: Bool
  ) {
    (squareEpsilon, scaleEpsilon) = epsilons
    self.clippingThreshold = clippingThreshold
    self.decayRate = decayRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.scalesByWeight = scalesByWeight
    self.usesRelativeStep = usesRelativeStep
    self.warmsUp = warmsUp
  }

  /// `adafactor_update`.
  public var name: String { "adafactor_update" }

  /// A row and a column of second moments for each matrix, or all of them for a vector; and the momentum when it is used.
  public func states(of weight: TensorSpec) -> [(name: String, spec: TensorSpec)] {
    let (dtype, shape) = (weight.dtype, weight.shape)
    let mean = momentum == nil ? [] : [("exp_avg", weight.withoutValue)]
    guard shape.rank > 1 else { return [("exp_avg_sq", weight.withoutValue)] + mean }
    return [
      ("exp_avg_sq_row", TensorSpec(dtype, shape.removing(-1))),
      ("exp_avg_sq_col", TensorSpec(dtype, shape.removing(-2))),
    ] + mean
  }

  /// Calls the C kernel.
  public func move(_ buffers: UpdateBuffers) throws {
    let time = Double(buffers.step)
    let relative = Swift.min(warmsUp ? 1e-6 * time : 1e-2, 1 / time.squareRoot())
    var options = ds_adafactor_options(
      learning_rate: usesRelativeStep ? relative * buffers.learningRate : buffers.learningRate,
      epsilon1: squareEpsilon, epsilon2: scaleEpsilon, clip_threshold: clippingThreshold, decay_rate: decayRate,
      beta1: momentum ?? 0, weight_decay: weightDecay, gradient_scale: buffers.gradientScale,
      step: Int64(buffers.step), relative_step: false, warmup: false, scale_parameter: scalesByWeight)
    let shape = buffers.spec.shape
    let isFactored = shape.rank > 1
    let rows = isFactored ? shape[-2] : 1
    let columns = isFactored ? shape[-1] : shape.elementCount
    let states = buffers.states
    try check(
      ds_adafactor(
        buffers.kernelType, Int64(buffers.count / (rows * columns)), Int64(rows), Int64(columns), buffers.weight,
        buffers.gradient, states[0], isFactored ? states[1] : nil,
        momentum == nil ? nil : states[states.count - 1], &options),
      buffers)
  }

  /// Means over rows and columns, their outer product, and two root mean squares.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let operands = UpdateOperands(inputs)
    let (weight, gradient) = (operands.weight, operands.gradient)
    let fresh = operands.step.power(decayRate)
    let (kept, new) = (operands.narrow(1 - fresh), operands.narrow(fresh))
    let squares = gradient * gradient + squareEpsilon
    var states: [Tensor]
    var step: Tensor
    if weight.rank > 1 {
      let rows = kept * operands.states[0] + new * squares.mean(axis: -1)
      let columns = kept * operands.states[1] + new * squares.mean(axis: -2)
      states = [rows, columns]
      let factors = (rows / rows.mean(axis: -1, keepAxes: true)).expanded(-1)
      step = gradient / (factors.sqrt() * columns.expanded(-2).sqrt())
    } else {
      states = [kept * operands.states[0] + new * squares]
      step = gradient / states[0].sqrt()
    }
    var rate = operands.learningRate
    if usesRelativeStep {
      let most = warmsUp ? operands.step * 1e-6 : Tensor.full([], 1e-2, dtype: .float64)
      rate = rate * most.minimum(1 / operands.step.sqrt())
    }
    if scalesByWeight { rate = rate * rootMeanSquare(weight).maximum(scaleEpsilon) }
    step = step * operands.narrow(rate / (rootMeanSquare(step) / clippingThreshold).maximum(1))
    if let momentum {
      step = momentum * operands.states[states.count] + (1 - momentum) * step
      states.append(step)
    }
    return [operands.narrow(1 - weightDecay * rate) * weight - step] + states
  }

  private func rootMeanSquare(_ x: Tensor) -> Tensor { x.cast(to: .float64).square().mean().sqrt() }
}
