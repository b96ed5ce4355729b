public import DeepSeekOperators
public import DeepSeekTensor

/// The negative of the class's logarithm of a probability, as PyTorch's `NLLLoss`.
public struct NLLLoss: Sendable {
  /// What each class counts, `[classes]`.
  public let weight: Tensor?
  /// The class number that counts nothing.
  public let ignoreIndex: Int
  /// How places are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean) {
    self.weight = weight
    self.ignoreIndex = ignoreIndex
    self.reduction = reduction
  }
  /// The loss of logarithms of probabilities `[…, classes]` against class numbers `[…]`.
  public func callAsFunction(_ logProbabilities: Tensor, _ targets: Tensor) -> Tensor {
    logProbabilities.negativeLogLikelihood(targets, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
  }
}

/// How much closer an anchor is to its positive than to its negative, up to a margin (arXiv:1503.03832).
public struct TripletMarginLoss: Sendable {
  /// The difference of distances from which on a triplet costs nothing.
  public let margin: Double
  /// The order of the norm.
  public let power: Double
  /// How triplets are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(margin: Double = 1, power: Double = 2, reduction: Reduction = .mean) {
    self.margin = margin
    self.power = power
    self.reduction = reduction
  }
  /// The loss of vectors `[batch, width]`.
  public func callAsFunction(_ anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor {
    anchor.tripletMarginLoss(positive: positive, negative: negative, margin: margin, power: power, reduction: reduction)
  }
}

/// What the higher of two scores lacks to be above the other by a margin.
public struct MarginRankingLoss: Sendable {
  /// By how much it should be above.
  public let margin: Double
  /// How pairs are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }
  /// The loss of scores; the target is 1 where the first should be higher, -1 where the second should.
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    first.marginRankingLoss(second, target, margin: margin, reduction: reduction)
  }
}

/// The negative logarithm of a normal distribution's density at the target, up to a constant.
public struct GaussianNLLLoss: Sendable {
  /// What variances are kept above.
  public let epsilon: Double
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(epsilon: Double = 1e-6, reduction: Reduction = .mean) {
    self.epsilon = epsilon
    self.reduction = reduction
  }
  /// The loss of means against targets of their shape, with variances that broadcast to it.
  public func callAsFunction(_ mean: Tensor, _ target: Tensor, variance: Tensor) -> Tensor {
    mean.gaussianNegativeLogLikelihood(target, variance: variance, epsilon: epsilon, reduction: reduction)
  }
}

/// The negative logarithm of a Poisson distribution's probability of a count, up to what depends on the counts alone.
public struct PoissonNLLLoss: Sendable {
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of logarithms of rates against counts of their shape.
  public func callAsFunction(_ logRates: Tensor, _ counts: Tensor) -> Tensor {
    logRates.poissonNegativeLogLikelihood(counts, reduction: reduction)
  }
}
