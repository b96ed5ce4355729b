import DeepSeekOperators
public import DeepSeekTensor

/// Normalization of each channel over the batch and all positions, then scale and shift (Ioffe and Szegedy, 2015).
///
/// While training, by the batch's own mean and variance, of which running means are kept; in evaluation, by those. Keys as
/// PyTorch's: `weight`, `bias`, `running_mean`, `running_var`, `num_batches_tracked`.
public final class BatchNorm: Layer {
  /// Names as PyTorch's.
  public static var stateKeys: [String: String] {
    ["runningMean": "running_mean", "runningVariance": "running_var", "batchCount": "num_batches_tracked"]
  }

  /// The scale, `[channels]`.
  public let weight: Parameter?
  /// The shift, `[channels]`.
  public let bias: Parameter?
  /// `[channels]`.
  public let runningMean: Buffer
  /// `[channels]`, of the unbiased variance.
  public let runningVariance: Buffer
  /// How many batches have been seen.
  public let batchCount: Buffer
  /// What is added to the variance.
  public let epsilon: Double
  /// How much a new batch counts in the running means; `nil` when all batches count the same.
  public let momentum: Double?
  /// Whether the batch's own statistics are used.
  public let mode = TrainingMode()

  /// A layer for this many channels, with PyTorch's defaults.
  public init(
    _ channels: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, dtype: DType = .float32
  ) {
    weight = affine ? Parameter(Tensor.ones([channels], dtype: dtype)) : nil
    bias = affine ? Parameter(Tensor.zeros([channels], dtype: dtype)) : nil
    runningMean = Buffer(Tensor.zeros([channels], dtype: dtype))
    runningVariance = Buffer(Tensor.ones([channels], dtype: dtype))
    batchCount = Buffer(Tensor.full([], 0, dtype: .int64))
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// `[batch, channels]` or `[batch, channels, …]` to the same shape. Traps while training when a channel has one value
  /// only.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let column = [runningMean.parameter.spec.shape[0]] + Array(repeating: 1, count: Swift.max(input.rank - 2, 0))
    var mean = runningMean.tensor.reshaped(column)
    var variance = runningVariance.tensor.reshaped(column)
    if mode.isTraining {
      let axes = [0] + Array(2..<Swift.max(input.rank, 2))
      mean = input.mean(axes: axes, keepAxes: true)
      variance = input.variance(axes: axes, correction: 0, keepAxes: true)
      noGradient { keepStatistics(input, mean.detached(), variance.detached()) }
    }
    var output = (input - mean) * (variance + epsilon).rsqrt()
    if let weight { output *= weight.tensor.reshaped(column) }
    if let bias { output += bias.tensor.reshaped(column) }
    return output
  }

  private func keepStatistics(_ input: Tensor, _ mean: Tensor, _ variance: Tensor) {
    let channels = runningMean.parameter.spec.shape
    let seen = batchCount.value + Tensor.full([], 1, dtype: .int64)
    batchCount.value = seen
    // Every channel averages the same number of values, which may be known only when a captured graph runs.
    let perChannel = Tensor.ones(like: input).sum() / Double(channels[0])
    if perChannel.graphValue == nil && perChannel.item(as: Double.self) < 2 {
      fatalError("BatchNorm: \(input.spec) has one value for each channel; a variance in training needs more")
    }
    let share = momentum.map { Tensor.full([], $0, dtype: mean.dtype) } ?? 1 / seen.cast(to: mean.dtype)
    let unbiased = variance * (perChannel / (perChannel - 1))
    runningMean.value = runningMean.value + share * (mean.reshaped(channels) - runningMean.value)
    runningVariance.value = runningVariance.value + share * (unbiased.reshaped(channels) - runningVariance.value)
  }
}

/// ``BatchNorm`` of `[batch, channels]` or `[batch, channels, length]`.
public typealias BatchNorm1d = BatchNorm
/// ``BatchNorm`` of `[batch, channels, height, width]`.
public typealias BatchNorm2d = BatchNorm
/// ``BatchNorm`` of `[batch, channels, depth, height, width]`.
public typealias BatchNorm3d = BatchNorm
