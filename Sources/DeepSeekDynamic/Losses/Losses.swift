public import DeepSeekOperators
public import DeepSeekTensor

/// Cross-entropy of logits `[…, classes]` and class indices `[…]`, with label smoothing and an index that is ignored; see
/// `crossEntropy`.
public struct CrossEntropyLoss: Sendable {
  /// How much of the target's probability is spread over all classes.
  public let labelSmoothing: Double
  /// Targets that count for nothing.
  public let ignoreIndex: Int
  /// How samples are summed up.
  public let reduction: Reduction

  /// With PyTorch's defaults.
  public init(labelSmoothing: Double = 0, ignoreIndex: Int = -100, reduction: Reduction = .mean) {
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
    self.reduction = reduction
  }

  /// The loss of logits `[…, classes]` against class indices `[…]`.
  public func callAsFunction(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    logits.crossEntropy(targets, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex, reduction: reduction)
  }
}

/// The squared difference.
public struct MSELoss: Sendable {
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of a prediction against a target of its shape; traps for another shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    prediction.meanSquaredError(target, reduction: reduction)
  }
}

/// The absolute difference.
public struct L1Loss: Sendable {
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of a prediction against a target of its shape; traps for another shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    prediction.meanAbsoluteError(target, reduction: reduction)
  }
}

/// Half the squared difference up to `delta`, a line beyond (Huber, 1964).
public struct HuberLoss: Sendable {
  /// Where the line begins.
  public let delta: Double
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(delta: Double = 1, reduction: Reduction = .mean) {
    self.delta = delta
    self.reduction = reduction
  }
  /// The loss of a prediction against a target of its shape; traps for another shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    prediction.huberLoss(target, delta: delta, reduction: reduction)
  }
}

/// The Huber loss divided by `beta`; with `beta` 0 the absolute difference (Girshick, 2015).
public struct SmoothL1Loss: Sendable {
  /// Where the line begins.
  public let beta: Double
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(beta: Double = 1, reduction: Reduction = .mean) {
    self.beta = beta
    self.reduction = reduction
  }
  /// The loss of a prediction against a target of its shape; traps for another shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    prediction.smoothL1Loss(target, beta: beta, reduction: reduction)
  }
}

/// Binary cross-entropy of probabilities: -(y log p + (1 - y) log(1 - p)).
public struct BCELoss: Sendable {
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of probabilities against probabilities of their shape; traps for another shape.
  public func callAsFunction(_ probabilities: Tensor, _ target: Tensor) -> Tensor {
    probabilities.binaryCrossEntropy(target, reduction: reduction)
  }
}

/// Binary cross-entropy of logits and probabilities: -(y log σ(x) + (1 - y) log(1 - σ(x))), without overflow.
public struct BCEWithLogitsLoss: Sendable {
  /// What positive targets count; broadcasts to the logits.
  public let positiveWeight: Tensor?
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(positiveWeight: Tensor? = nil, reduction: Reduction = .mean) {
    self.positiveWeight = positiveWeight
    self.reduction = reduction
  }
  /// The loss of logits against probabilities of their shape; traps for another shape.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    logits.binaryCrossEntropyWithLogits(target, positiveWeight: positiveWeight, reduction: reduction)
  }
}

/// The Kullback-Leibler divergence Σ p (log p - log q) of a target p from a prediction q.
public struct KLDivergenceLoss: Sendable {
  /// The mean is over the first axis, the batch, as the definition has it, rather than over all elements.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of logarithms of probabilities `[batch, …, classes]` against probabilities of their shape; traps for another
  /// shape. With a mean, the sum divided by the batch.
  public func callAsFunction(_ logProbabilities: Tensor, _ target: Tensor) -> Tensor {
    logProbabilities.klDivergence(target, reduction: reduction, overBatch: true)
  }
}

/// One minus the cosine between pairs that belong together; of others, what it exceeds the margin by.
public struct CosineEmbeddingLoss: Sendable {
  /// The cosine up to which pairs that do not belong together cost nothing.
  public let margin: Double
  /// How pairs are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }
  /// The loss of vectors `[…, width]` and others against `[…]`: 1 where they belong together, -1 where they do not.
  public func callAsFunction(_ first: Tensor, _ second: Tensor, _ target: Tensor) -> Tensor {
    first.cosineEmbeddingLoss(second, target, margin: margin, reduction: reduction)
  }
}
