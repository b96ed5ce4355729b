import CDeepSeekKernels
public import DeepSeekTensor

/// Each group of channels of each sample brought to mean 0 and variance 1, then scaled and shifted by channel (Wu and He,
/// arXiv:1803.08494). With as many groups as channels it is instance normalization.
///
/// Outputs: the result, and each group's mean and inverse standard deviation `[batch, groups]`, which the gradient reads.
public struct GroupNormOperator: Operator {
  /// How many groups the channels are divided into.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Double

  /// So many groups, with this added to the variance.
  public init(groups: Int, epsilon: Double) {
    self.groups = groups
    self.epsilon = epsilon
  }

  /// `group_norm`.
  public var name: String { "group_norm" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// Inputs: x `[batch, channels, spatial…]`, weight and bias `[channels]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let x = inputs[0]
    try expectImage(x)
    guard groups >= 1, (x.shape.dimension(1).known ?? groups) % groups == 0 else {
      throw mismatch("\(groups) groups do not divide the channels of \(x.shape)")
    }
    try expectChannels(inputs[1], x.shape.dimension(1), x.dtype, "weight")
    try expectChannels(inputs[2], x.shape.dimension(1), x.dtype, "bias")
    let statistics = TensorSpec(x.dtype.statistics, Shape([x.shape.dimension(0), Dimension(groups)]))
    return [x.withoutValue, statistics, statistics]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return evaluateDecomposition(inputs, into: outputs) }
    var (weight, bias) = (inputs[1].kernelView, inputs[2].kernelView)
    var (mean, deviation) = (outputs[1].kernelView, outputs[2].kernelView)
    let status = withViews(inputs[0], outputs[0]) {
      ds_group_norm($0, Int64(groups), &weight, &bias, epsilon, $1, &mean, &deviation)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// The input, the weight, and the groups' statistics.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1], outputs: [1, 2]) }

  /// All three at once.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    apply(
      GroupNormGradientOperator(groups: groups, epsilon: epsilon),
      [
        context.input(0), context.input(1), context.output(1).detached(), context.output(2).detached(),
        context.gradient,
      ])
  }

  /// Mean and variance by reductions.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0].cast(to: inputs[0].dtype.statistics)
    let (normalized, mean, deviation) = x.normalizedGroups(groups, epsilon)
    let weight = inputs[1].cast(to: x.dtype).perChannel(rank: x.rank)
    let y = normalized.reshaped(x.shape) * weight + inputs[2].cast(to: x.dtype).perChannel(rank: x.rank)
    return [y.cast(to: inputs[0].dtype), mean.squeezed(-1), deviation.squeezed(-1)]
  }
}

/// The gradient of ``GroupNormOperator`` with respect to input, weight and bias.
public struct GroupNormGradientOperator: Operator {
  /// How many groups the channels are divided into.
  public let groups: Int
  /// What was added to the variance.
  public let epsilon: Double

  /// So many groups, with this added to the variance.
  public init(groups: Int, epsilon: Double) {
    self.groups = groups
    self.epsilon = epsilon
  }

  /// `group_norm_gradient`.
  public var name: String { "group_norm_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, weight, mean, inverse standard deviation and upstream gradient. Outputs: the three gradients.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 5...5)
    guard inputs[0] == inputs[4] else { throw mismatch("input \(inputs[0]) and gradient \(inputs[4]) differ") }
    return [inputs[0].withoutValue, inputs[1].withoutValue, inputs[1].withoutValue]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return evaluateDecomposition(inputs, into: outputs) }
    var (weight, mean, deviation) = (inputs[1].kernelView, inputs[2].kernelView, inputs[3].kernelView)
    var (dweight, dbias) = (outputs[1].kernelView, outputs[2].kernelView)
    let status = withViews(inputs[0], inputs[4], outputs[0]) { x, dy, dx in
      ds_group_norm_backward(x, Int64(groups), &mean, &deviation, &weight, dy, dx, &dweight, &dbias)
    }
    try withExtendedLifetime((inputs, outputs)) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// Written out from the input alone, so that it can be differentiated.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let type = inputs[0].dtype.statistics
    let (x, g) = (inputs[0].cast(to: type), inputs[4].cast(to: type))
    let (normalized, _, deviation) = x.normalizedGroups(groups, epsilon)
    let scaled = (g * inputs[1].cast(to: type).perChannel(rank: x.rank)).reshaped(normalized.shape)
    let dx =
      (scaled - scaled.mean(axis: -1, keepAxes: true)
        - normalized * (scaled * normalized).mean(axis: -1, keepAxes: true)) * deviation
    return [
      dx.reshaped(x.shape).cast(to: inputs[0].dtype),
      (g * normalized.reshaped(x.shape)).channelSum().cast(to: inputs[1].dtype),
      g.channelSum().cast(to: inputs[1].dtype),
    ]
  }
}

extension Tensor {
  /// As `[batch, groups, rest]`, each row normalized; with each row's mean and inverse standard deviation.
  fileprivate func normalizedGroups(
    _ groups: Int, _ epsilon: Double
  ) -> (normalized: Tensor, mean: Tensor, deviation: Tensor) {
    let x = reshaped([dimension(0), Dimension(groups), shape.product(1..<rank) / Dimension(groups)])
    let mean = x.mean(axis: -1, keepAxes: true)
    let deviation = ((x - mean).square().mean(axis: -1, keepAxes: true) + epsilon).rsqrt()
    return ((x - mean) * deviation, mean, deviation)
  }

  /// `[batch, channels, spatial…]` with each group of channels of each sample brought to mean 0 and variance 1, then times
  /// `weight` and plus `bias`, both `[channels]` (Wu and He, arXiv:1803.08494).
  public func groupNorm(
    groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let channels = Shape([dimension(1)])
    let inputs = [self, weight ?? stretched(1, to: channels), bias ?? stretched(0, to: channels)]
    return apply(GroupNormOperator(groups: groups, epsilon: epsilon), inputs, file: file, line: line)[0]
  }

  /// `[batch, channels, spatial…]` with each channel of each sample brought to mean 0 and variance 1, then times `weight` and
  /// plus `bias`, both `[channels]` (Ulyanov, Vedaldi and Lempitsky, arXiv:1607.08022).
  public func instanceNorm(
    weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    groupNorm(groups: shape[1], weight: weight, bias: bias, epsilon: epsilon, file: file, line: line)
  }
}
