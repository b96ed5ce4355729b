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
  /// `[channels]`, of the unbiased variance, unless ``keepsUnbiasedVariance`` says otherwise.
  public let runningVariance: Buffer
  /// How many batches have been seen.
  public let batchCount: Buffer
  /// What is added to the variance.
  public let epsilon: Double
  /// How much a new batch counts in the running means; `nil` when all batches count the same.
  public let momentum: Double?
  /// Whether the running variance is of the unbiased one, divided by n - 1, as PyTorch keeps it; else of the biased one,
  /// divided by n, as Keras does.
  public let keepsUnbiasedVariance: Bool
  /// Whether the batch's own statistics are used.
  public let mode = TrainingMode()

  /// A layer for this many channels, with PyTorch's defaults.
  public init(
    _ channels: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    keepsUnbiasedVariance: Bool = true, dtype: DType = .float32
  ) {
    weight = affine ? Parameter(Tensor.ones([channels], dtype: dtype)) : nil
    bias = affine ? Parameter(Tensor.zeros([channels], dtype: dtype)) : nil
    runningMean = Buffer(Tensor.zeros([channels], dtype: dtype))
    runningVariance = Buffer(Tensor.ones([channels], dtype: dtype))
    batchCount = Buffer(Tensor.full([], 0, dtype: .int64))
    self.epsilon = epsilon
    self.momentum = momentum
    self.keepsUnbiasedVariance = keepsUnbiasedVariance
  }

  /// `[batch, channels]` or `[batch, channels, …]` to the same shape. Traps while training when a channel has one value
  /// only and the unbiased variance is to be kept.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if !mode.isTraining {
      return input.batchNorm(
        mean: runningMean.tensor, variance: runningVariance.tensor, weight: weight?.tensor, bias: bias?.tensor,
        epsilon: epsilon)
    }
    let result = input.batchNorm(weight: weight?.tensor, bias: bias?.tensor, epsilon: epsilon)
    noGradient { keepStatistics(input, result.mean, result.variance) }
    return result.output
  }

  private func keepStatistics(_ input: Tensor, _ batchMean: Tensor, _ batchVariance: Tensor) {
    let dtype = runningMean.parameter.spec.dtype
    let seen = batchCount.value + 1
    batchCount.value = seen
    let share = momentum.map { Tensor.full([], $0, dtype: dtype) } ?? 1 / seen.cast(to: dtype)
    let mean = batchMean.cast(to: dtype)
    var variance = batchVariance.cast(to: dtype)
    if keepsUnbiasedVariance { variance = variance * widening(input).cast(to: dtype) }
    runningMean.value = runningMean.value + share * (mean - runningMean.value)
    runningVariance.value = runningVariance.value + share * (variance - runningVariance.value)
  }

  /// What makes the biased variance of a channel's n values the unbiased one: n / (n - 1), `float64[]`.
  private func widening(_ input: Tensor) -> Tensor {
    let channels = runningMean.parameter.spec.shape[0]
    if input.shape.isKnown {
      let count = input.elementCount / Swift.max(channels, 1)
      if count < 2 {
        fatalError("BatchNorm: \(input.spec) has one value for each channel; a variance in training needs more")
      }
      return Tensor.full([], Double(count) / Double(count - 1), dtype: .float64)
    }
    // Every channel has the same number of values, known when the captured graph runs.
    let count = Tensor.ones(like: input).cast(to: .float64).sum() / Double(channels)
    return count / (count - 1)
  }
}

/// ``BatchNorm`` of `[batch, channels]` or `[batch, channels, length]`.
public typealias BatchNorm1d = BatchNorm
/// ``BatchNorm`` of `[batch, channels, height, width]`.
public typealias BatchNorm2d = BatchNorm
/// ``BatchNorm`` of `[batch, channels, depth, height, width]`.
public typealias BatchNorm3d = BatchNorm
