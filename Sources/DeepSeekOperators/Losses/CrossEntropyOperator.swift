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
/// Outputs: each row's loss, and each row's log Σ exp, which the gradient reads.
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
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: logits `[rows, classes]`, targets `[rows]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 2...2)
    let (logits, targets) = (inputs[0], inputs[1])
    try expectFloating(logits, "the logits")
    try expectIndices(targets, "the target tensor")
    guard logits.shape.rank == 2, targets.shape == Shape([logits.shape.dimension(0)]) else {
      throw mismatch("logits \(logits.shape) and targets \(targets.shape); [rows, classes] and [rows] are expected")
    }
    let rows = TensorSpec(logits.dtype == .float64 ? .float64 : .float32, targets.shape)
    return [rows, rows]
  }

  /// Calls the C kernel; a target that is no class is reported.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var logSum = outputs[1].kernelView
    let status = withViews(inputs[0], inputs[1], outputs[0]) {
      ds_cross_entropy($0, $1, nil, labelSmoothing, Int64(ignoreIndex), $2, &logSum, nil)
    }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// Logits, targets and log Σ exp.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1], outputs: [1]) }

  /// (softmax - target distribution) times each row's upstream gradient.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let operation = CrossEntropyGradientOperator(labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    return [
      apply(operation, context.input(0), context.input(1), context.output(1).detached(), context.gradient), nil,
    ]
  }

  /// By log-softmax and a gather.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let logits = inputs[0].dtype == .float64 ? inputs[0] : inputs[0].cast(to: .float32)
    let targets = inputs[1]
    let logSum = logits.logSumExp(axis: 1, keepAxes: true)
    let logProbabilities = logits - logSum
    let distribution = CrossEntropyOperator.distribution(
      targets, like: logits, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    return [-(logProbabilities * distribution).sum(axis: 1), logSum.squeezed(1)]
  }

  /// The smoothed target distribution `[rows, classes]`; zeros in rows that are left out.
  static func distribution(_ targets: Tensor, like logits: Tensor, labelSmoothing: Double, ignoreIndex: Int) -> Tensor {
    let classes = logits.shape[1]
    let range = Tensor([classes], (0..<classes).map { Int64($0) })
    let wide = targets.cast(to: .int64).expanded(1)
    let hot = wide.equal(to: range).cast(to: logits.dtype)
    let counts = wide.notEqual(to: Double(ignoreIndex)).cast(to: logits.dtype)
    return (hot * (1 - labelSmoothing) + labelSmoothing / Double(classes)) * counts
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

  /// Inputs: logits, targets, log Σ exp and each row's upstream gradient.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 4...4)
    return [TensorSpec(inputs[0].dtype, inputs[0].shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    var (logSum, upstream) = (inputs[2].kernelView, inputs[3].kernelView)
    let status = withViews(inputs[0], inputs[1], outputs[0]) {
      ds_cross_entropy_backward($0, $1, nil, labelSmoothing, Int64(ignoreIndex), &logSum, &upstream, $2)
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
      targets, like: logits, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    let total = distribution.sum(axis: 1, keepAxes: true)
    return [(logits.softmax(axis: 1) * total - distribution) * g.cast(to: logits.dtype).expanded(1)]
  }
}

extension Tensor {
  /// The cross-entropy of softmax over the last axis and class indices: these logits are `[…, classes]`, the targets `[…]`.
  ///
  /// A target equal to `ignoreIndex` counts nothing; any other that is no class traps.
  public func crossEntropy(
    _ targets: Tensor, labelSmoothing: Double = 0, ignoreIndex: Int = -100, reduction: Reduction = .mean,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let classes = dimension(-1)
    let rows = shape.product(0..<rank - 1)
    let flatTargets = targets.reshaped([rows])
    let operation = CrossEntropyOperator(labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex)
    let losses = apply(operation, [reshaped([rows, classes]), flatTargets], file: file, line: line)[0]
    switch reduction {
    case .none: return losses.reshaped(targets.shape)
    case .sum: return losses.sum()
    case .mean:
      let counts = flatTargets.notEqual(to: Double(ignoreIndex)).cast(to: losses.dtype).sum()
      return losses.sum() / counts
    }
  }
}
