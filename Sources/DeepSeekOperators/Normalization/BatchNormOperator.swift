import CDeepSeekKernels
public import DeepSeekTensor

/// Each channel brought to mean 0 and variance 1 over the batch and the spatial axes, then scaled and shifted (Ioffe and
/// Szegedy, arXiv:1502.03167).
///
/// Outputs: the result, and each channel's mean and biased variance, for the running averages. No gradient flows through the
/// statistics that are given out.
public struct BatchNormOperator: Operator {
  /// Added to the variance.
  public let epsilon: Double

  /// With this added to the variance.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `batch_norm`.
  public var name: String { "batch_norm" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound, .fullPrecision] }

  /// Inputs: x `[batch, channels, spatial…]`, weight and bias `[channels]`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 3...3)
    let x = inputs[0]
    try expectImage(x)
    try expectChannels(inputs[1], x.shape.dimension(1), x.dtype, "weight")
    try expectChannels(inputs[2], x.shape.dimension(1), x.dtype, "bias")
    if x.shape.isKnown && x.shape.elementCount == 0 && x.shape[1] > 0 {
      throw mismatch("input \(x) has nothing to take statistics of")
    }
    let statistics = TensorSpec(x.dtype.statistics, inputs[1].shape)
    return [x.withoutValue, statistics, statistics]
  }

  /// Calls the C kernels.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    try check(withViews(inputs[0], outputs[1], outputs[2]) { ds_batch_statistics($0, $1, $2) }, self, inputs)
    try normalize(inputs[0], outputs[1], outputs[2], inputs[1], inputs[2], epsilon, into: outputs[0])
  }

  /// The input, the weight, and the channels' statistics.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0, 1], outputs: [1, 2]) }

  /// All three at once.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    apply(
      BatchNormGradientOperator(epsilon: epsilon, usesBatchStatistics: true),
      [
        context.input(0), context.input(1), context.output(1).detached(), context.output(2).detached(),
        context.gradient,
      ])
  }

  /// Mean and variance by reductions.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0].cast(to: inputs[0].dtype.statistics)
    let (mean, variance) = x.channelStatistics()
    let y = (x - mean) * (variance + epsilon).rsqrt() * inputs[1].cast(to: x.dtype).perChannel(rank: x.rank)
    let channels = inputs[1].shape
    return [
      (y + inputs[2].cast(to: x.dtype).perChannel(rank: x.rank)).cast(to: inputs[0].dtype), mean.reshaped(channels),
      variance.reshaped(channels),
    ]
  }
}

/// Batch normalization by given statistics, as in evaluation.
public struct BatchNormInferenceOperator: Operator {
  /// Added to the variance.
  public let epsilon: Double

  /// With this added to the variance.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// `batch_norm_inference`.
  public var name: String { "batch_norm_inference" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x `[batch, channels, spatial…]`, weight, bias, mean and variance `[channels]`; the statistics are `float32`, or
  /// `float64` for `float64` inputs.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 5...5)
    let x = inputs[0]
    try expectImage(x)
    for (index, what) in [(1, "weight"), (2, "bias")] {
      try expectChannels(inputs[index], x.shape.dimension(1), x.dtype, what)
    }
    for (index, what) in [(3, "mean"), (4, "variance")] {
      try expectChannels(inputs[index], x.shape.dimension(1), x.dtype.statistics, what)
    }
    return [x.withoutValue]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 { return }
    try normalize(inputs[0], inputs[3], inputs[4], inputs[1], inputs[2], epsilon, into: outputs[0])
  }

  /// All but the bias.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }

  /// At once for input, weight and bias; by the decomposition when the statistics' gradients are wanted, which is rare.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    if context.wants(3) || context.wants(4) { return gradientThroughDecomposition(context) }
    let inputs = [context.input(0), context.input(1), context.input(3), context.input(4), context.gradient]
    return apply(BatchNormGradientOperator(epsilon: epsilon, usesBatchStatistics: false), inputs) + [nil, nil]
  }

  /// Written out.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let type = inputs[0].dtype.statistics
    let wide = inputs.map { $0.cast(to: type) }
    let rank = inputs[0].rank
    let scale = (wide[4] + epsilon).rsqrt() * wide[1]
    let y = (wide[0] - wide[3].perChannel(rank: rank)) * scale.perChannel(rank: rank) + wide[2].perChannel(rank: rank)
    return [y.cast(to: inputs[0].dtype)]
  }
}

/// The gradient of batch normalization with respect to input, weight and bias.
public struct BatchNormGradientOperator: Operator {
  /// What was added to the variance.
  public let epsilon: Double
  /// Whether the statistics were the batch's own, so that the gradient goes through them too.
  public let usesBatchStatistics: Bool

  /// With this added to the variance, by the batch's own statistics or by given ones.
  public init(epsilon: Double, usesBatchStatistics: Bool) {
    self.epsilon = epsilon
    self.usesBatchStatistics = usesBatchStatistics
  }

  /// `batch_norm_gradient`.
  public var name: String { "batch_norm_gradient" }
  /// Memory bound.
  public var traits: OperatorTraits { [.memoryBound] }

  /// Inputs: x, weight, mean, variance and upstream gradient. Outputs: the three gradients.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 5...5)
    guard inputs[0] == inputs[4] else { throw mismatch("input \(inputs[0]) and gradient \(inputs[4]) differ") }
    return [inputs[0].withoutValue, inputs[1].withoutValue, inputs[1].withoutValue]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    if outputs[0].elementCount == 0 {
      for output in outputs.dropFirst() { Tensor.zeros(output.shape, dtype: output.dtype).copyElements(to: output) }
      return
    }
    let deviation = noGradient { (inputs[3].detached() + epsilon).rsqrt() }
    var (mean, rstd, weight) = (inputs[2].kernelView, deviation.kernelView, inputs[1].kernelView)
    var (dweight, dbias) = (outputs[1].kernelView, outputs[2].kernelView)
    let status = withViews(inputs[0], inputs[4], outputs[0]) { x, dy, dx in
      ds_batch_norm_backward(usesBatchStatistics, x, &mean, &rstd, &weight, dy, dx, &dweight, &dbias)
    }
    try withExtendedLifetime((inputs, outputs, deviation)) { try check(status, self, inputs) }
  }

  /// All inputs.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: .all) }
  /// Second derivatives come from the decomposition.
  public func gradient(_ context: GradientContext) -> [Tensor?] { gradientThroughDecomposition(context) }

  /// Written out; the batch's own statistics are taken of the input again, so that they can be differentiated.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let type = inputs[0].dtype.statistics
    let (x, g) = (inputs[0].cast(to: type), inputs[4].cast(to: type))
    let weight = inputs[1].cast(to: type).perChannel(rank: x.rank)
    let own = usesBatchStatistics ? x.channelStatistics() : nil
    let mean = own?.mean ?? inputs[2].perChannel(rank: x.rank)
    let deviation = ((own?.variance ?? inputs[3].perChannel(rank: x.rank)) + epsilon).rsqrt()
    let normalized = (x - mean) * deviation
    var scaled = g * weight
    if usesBatchStatistics {
      let axes = x.axesBesideChannels
      scaled =
        scaled - scaled.mean(axes: axes, keepAxes: true) - normalized
        * (scaled * normalized).mean(axes: axes, keepAxes: true)
    }
    return [
      (scaled * deviation).cast(to: inputs[0].dtype), (g * normalized).channelSum().cast(to: inputs[1].dtype),
      g.channelSum().cast(to: inputs[1].dtype),
    ]
  }
}

extension Operator {
  /// Checks for `[batch, channels, …]` of a floating type.
  func expectImage(_ x: TensorSpec) throws {
    try expectFloating(x)
    guard x.shape.rank >= 2 else { throw mismatch("input \(x.shape); [batch, channels, spatial…] is expected") }
  }

  /// y = (x - mean) / √(variance + ε) · weight + bias by channel.
  fileprivate func normalize(
    _ x: Tensor, _ mean: Tensor, _ variance: Tensor, _ weight: Tensor, _ bias: Tensor, _ epsilon: Double,
    into out: Tensor
  ) throws {
    let deviation = noGradient { (variance.detached() + epsilon).rsqrt() }
    var (meanView, rstd, weightView, biasView) = (
      mean.kernelView, deviation.kernelView, weight.kernelView, bias.kernelView
    )
    let status = withViews(x, out) { ds_batch_norm($0, &meanView, &rstd, &weightView, &biasView, $1) }
    try withExtendedLifetime((mean, deviation, weight, bias)) {
      try check(status, self, [x, mean, variance, weight, bias])
    }
  }
}

extension DType {
  /// The type in which normalizations keep their statistics.
  var statistics: DType { self == .float64 ? .float64 : .float32 }
}

extension TensorSpec {
  /// Type and shape alone.
  var withoutValue: TensorSpec { TensorSpec(dtype, shape) }
}

extension Tensor {
  /// All axes but the second.
  var axesBesideChannels: [Int] { (0..<rank).filter { $0 != 1 } }

  /// Mean and biased variance of each channel, `[1, channels, 1, …]`.
  func channelStatistics() -> (mean: Tensor, variance: Tensor) {
    let mean = mean(axes: axesBesideChannels, keepAxes: true)
    return (mean, (self - mean).square().mean(axes: axesBesideChannels, keepAxes: true))
  }

  /// `[batch, channels, spatial…]` with each channel brought to mean 0 and variance 1 over batch and spatial axes, then times
  /// `weight` and plus `bias`, both `[channels]` (Ioffe and Szegedy, arXiv:1502.03167). Also gives each channel's mean and
  /// biased variance, without gradient, for running averages.
  public func batchNorm(
    weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5, file: StaticString = #file, line: UInt = #line
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    let channels = Shape([dimension(1)])
    let inputs = [self, weight ?? stretched(1, to: channels), bias ?? stretched(0, to: channels)]
    let outputs = apply(BatchNormOperator(epsilon: epsilon), inputs, file: file, line: line)
    return (outputs[0], outputs[1].detached(), outputs[2].detached())
  }

  /// Batch normalization by given statistics `[channels]`, as in evaluation.
  public func batchNorm(
    mean: Tensor, variance: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let channels = Shape([dimension(1)])
    let inputs = [
      self, weight ?? stretched(1, to: channels), bias ?? stretched(0, to: channels),
      mean.cast(to: dtype.statistics), variance.cast(to: dtype.statistics),
    ]
    return apply(BatchNormInferenceOperator(epsilon: epsilon), inputs, file: file, line: line)[0]
  }
}
