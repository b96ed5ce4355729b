import CDeepSeekKernels
public import DeepSeekTensor

/// Adam with the second moment of a matrix kept as one row and one column, and steps relative to the weight's own size: next
/// to no memory beside the weights (Shazeer and Stern, 2018), in the form that is common for T5.
public struct Adafactor: WeightDecaying {
  /// The step's size; used only without ``usesRelativeStep``, but a schedule multiplies the relative one too.
  public var learningRate: Double
  /// What is added to squared gradients, and the least size of a weight that steps are relative to.
  public var epsilons: (Double, Double)
  /// The step's root mean square is brought down to this.
  public var clippingThreshold: Double
  /// The second moment at step t keeps 1 - t^this.
  public var decayRate: Double
  /// How much of the step's running mean is kept; `nil` for none.
  public var momentum: Double?
  /// What part of the weight, times the step's size, is taken away at each step.
  public var weightDecay: Double
  /// Whether steps are multiplied by the weight's root mean square.
  public var scalesByWeight: Bool
  /// Whether the step's size follows from the step's number: min(0.01, 1/√t).
  public var usesRelativeStep: Bool
  /// Whether the relative step's size starts small: min(10⁻⁶ t, 1/√t).
  public var warmsUp: Bool

  /// With the paper's defaults; a learning rate of one's own turns the relative step off.
  public init(
    learningRate: Double? = nil, epsilons: (Double, Double) = (1e-30, 1e-3), clippingThreshold: Double = 1,
    decayRate: Double = -0.8, momentum: Double? = nil, weightDecay: Double = 0, scalesByWeight: Bool = true,
    warmsUp: Bool = false
  ) {
    self.learningRate = learningRate ?? 1
    usesRelativeStep = learningRate == nil
    self.epsilons = epsilons
    self.clippingThreshold = clippingThreshold
    self.decayRate = decayRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.scalesByWeight = scalesByWeight
    self.warmsUp = warmsUp
  }

  /// A row and a column of second moments for each matrix, or all of them for a vector; and the momentum when it is used.
  public func makeState(for weight: Tensor) -> UpdateState {
    let shape = weight.shape
    let zeros = { (shape: Shape) in Tensor.zeros(shape, dtype: weight.dtype) }
    switch (shape.rank > 1, momentum != nil) {
    case (true, false):
      return UpdateState(["exp_avg_sq_row": zeros(shape.removing(-1)), "exp_avg_sq_col": zeros(shape.removing(-2))])
    case (true, true):
      return UpdateState([
        "exp_avg_sq_row": zeros(shape.removing(-1)), "exp_avg_sq_col": zeros(shape.removing(-2)),
        "exp_avg": zeros(shape),
      ])
    case (false, false): return UpdateState(["exp_avg_sq": zeros(shape)])
    case (false, true): return UpdateState(["exp_avg_sq": zeros(shape), "exp_avg": zeros(shape)])
    }
  }

  /// One step.
  public func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    let time = Double(state.step)
    // The kernel's own relative step knows no schedule, so the size is found here.
    let relative = Swift.min(warmsUp ? 1e-6 * time : 1e-2, 1 / time.squareRoot())
    var options = ds_adafactor_options(
      learning_rate: usesRelativeStep ? relative * step.learningRate : step.learningRate, epsilon1: epsilons.0,
      epsilon2: epsilons.1, clip_threshold: clippingThreshold, decay_rate: decayRate, beta1: momentum ?? 0,
      weight_decay: weightDecay, gradient_scale: step.gradientScale, step: Int64(state.step), relative_step: false,
      warmup: false, scale_parameter: scalesByWeight)
    let shape = weight.shape
    let isFactored = shape.rank > 1
    let rows = isFactored ? shape[-2] : 1
    let columns = isFactored ? shape[-1] : shape.elementCount
    let matrices = isFactored ? (0..<(shape.rank - 2)).reduce(1) { $0 * shape[$1] } : 1
    let mean = momentum == nil ? -1 : isFactored ? 2 : 1
    withBuffers("Adafactor", &weight, &state, step, [0, isFactored ? 1 : -1, mean]) {
      dtype, _, weight, gradient, slots in
      ds_adafactor(
        dtype, Int64(matrices), Int64(rows), Int64(columns), weight, gradient, slots[0], slots[1], slots[2], &options)
    }
  }
}
