import CDeepSeekKernels
public import DeepSeekTensor

/// How a loss of many examples becomes one number.
public enum Reduction: String, Sendable, Hashable, Codable {
  /// The mean over the examples that count.
  case mean
  /// The sum.
  case sum
  /// One for each example.
  case none
}

/// The cross-entropy of softmax(logits) and class indices, one for each row, without ever forming the probabilities.
///
/// Outputs: each row's loss; each row's log Σ exp, which the gradient reads; and what each row counts in a mean: its
/// target's class weight, or 0 when it is left out.
public struct CrossEntropyOperator: Operator {
  /// The share of the target that is spread evenly over all classes, from 0 to 1.
  public let labelSmoothing: Double
  /// Rows with this target count nothing.
  public let ignoreIndex: Int

  /// With this smoothing, leaving out this target.
  public init(labelSmoothing: Double, ignoreIndex: Int) {
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
  }

  /// `cross_entropy`.
  public var name: String { "cross_entropy" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// Inputs: logits `[rows, classes]`, targets `[rows]` and, if wanted, class weights `[classes]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...3)
    let (logits, targets) = (inputs[0], inputs[1])
    try expectFloating(logits, "the logits")
    try expectIndices(targets, "the target tensor")
    guard logits.shape.rank == 2, targets.shape == Shape([logits.shape.dimension(0)]) else {
      throw mismatch("logits \(logits.shape) and targets \(targets.shape); [rows, classes] and [rows] are expected")
    }
    let rows = TensorSpec(logits.dtype == .float64 ? .float64 : .float32, targets.shape)
    if inputs.count == 3 { try expectChannels(inputs[2], logits.shape.dimension(1), logits.dtype, "class weights") }
    return [rows, rows, rows]
  }

  /// Calls the C kernel; a target that is no class is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (logSum, rowWeights) = (outputs[1].kernelView, outputs[2].kernelView)
    let weights = inputs.count == 3 ? inputs[2].converted(to: outputs[0].dtype) : nil
    let status = withOptionalView(weights) { weights in
      withViews(inputs[0], inputs[1], outputs[0]) {
        ds_cross_entropy($0, $1, weights, labelSmoothing, Int64(ignoreIndex), $2, &logSum, &rowWeights)
      }
    }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// The inputs and log Σ exp.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1, 2], outputs: [1]) }

  /// (softmax - target distribution) times each row's upstream gradient. Class weights are constants.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let operation = CrossEntropyGradientOperator(labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    var inputs = [context.input(0), context.input(1), context.output(1).detached(), context.gradient]
    if context.inputCount == 3 { inputs.append(context.input(2)) }
    return [apply(operation, inputs)[0], nil] + (context.inputCount == 3 ? [nil] : [])
  }

  /// By log-softmax and a gather.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let logits = inputs[0].dtype == .float64 ? inputs[0] : inputs[0].cast(to: .float32)
    let targets = inputs[1]
    let logSum = logits.logSumExp(axis: 1, keepAxes: true)
    let logProbabilities = logits - logSum
    let distribution = CrossEntropyOperator.distribution(
      targets, like: logits, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex,
      weights: inputs.count == 3 ? inputs[2] : nil)
    let counted = CrossEntropyOperator.distribution(
      targets, like: logits, labelSmoothing: 0, ignoreIndex: ignoreIndex, weights: inputs.count == 3 ? inputs[2] : nil)
    return [-(logProbabilities * distribution).sum(axis: 1), logSum.squeezed(1), counted.sum(axis: 1)]
  }

  /// The smoothed target distribution `[rows, classes]`, times the class weights; zeros in rows that are left out.
  static func distribution(
    _ targets: Tensor, like logits: Tensor, labelSmoothing: Double, ignoreIndex: Int, weights: Tensor?
  ) -> Tensor {
    let classes = logits.shape[1]
    let range = Tensor([classes], (0..<classes).map { Int64($0) })
    let wide = targets.cast(to: .int64).expanded(1)
    let hot = wide.equal(to: range).cast(to: logits.dtype)
    let counts = wide.notEqual(to: Double(ignoreIndex)).cast(to: logits.dtype)
    let distribution = (hot * (1 - labelSmoothing) + labelSmoothing / Double(classes)) * counts
    return weights.map { distribution * $0.detached().cast(to: logits.dtype) } ?? distribution
  }
}

/// The gradient of ``CrossEntropyOperator`` with respect to the logits.
public struct CrossEntropyGradientOperator: Operator {
  /// The share of the target that is spread evenly.
  public let labelSmoothing: Double
  /// Rows with this target count nothing.
  public let ignoreIndex: Int

  /// With this smoothing, leaving out this target.
  public init(labelSmoothing: Double, ignoreIndex: Int) {
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
  }

  /// `cross_entropy_gradient`.
  public var name: String { "cross_entropy_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: logits, targets, log Σ exp, each row's upstream gradient and, if there are, class weights.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 4...5)
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (logSum, upstream) = (inputs[2].kernelView, inputs[3].kernelView)
    let weights = inputs.count == 5 ? inputs[4].converted(to: inputs[2].dtype) : nil
    let status = withOptionalView(weights) { weights in
      withViews(inputs[0], inputs[1], outputs[0]) {
        ds_cross_entropy_backward($0, $1, weights, labelSmoothing, Int64(ignoreIndex), &logSum, &upstream, $2)
      }
    }
    try withExtendedLifetime(inputs) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// (softmax · Σ target - target) times the upstream gradient.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let (logits, targets, g) = (inputs[0], inputs[1], inputs[3])
    let distribution = CrossEntropyOperator.distribution(
      targets, like: logits, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex,
      weights: inputs.count == 5 ? inputs[4] : nil)
    let total = distribution.sum(axis: 1, keepAxes: true)
    return [(logits.softmax(axis: 1) * total - distribution) * g.cast(to: logits.dtype).expanded(1)]
  }
}
