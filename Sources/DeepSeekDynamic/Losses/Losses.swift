public import DeepSeekOperators
public import DeepSeekTensor

extension Tensor {
  /// Each sample's loss reduced as asked.
  func reduced(_ reduction: Reduction) -> Tensor {
    switch reduction {
    case .mean: mean()
    case .sum: sum()
    case .none: self
    }
  }
}

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
  /// The loss of a prediction against a target of its shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    (prediction - target).square().reduced(reduction)
  }
}

/// The absolute difference.
public struct L1Loss: Sendable {
  /// How elements are summed up.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of a prediction against a target of its shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    (prediction - target).abs().reduced(reduction)
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
  /// The loss of a prediction against a target of its shape.
  public func callAsFunction(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let distance = (prediction - target).abs()
    let near = distance.minimum(delta)
    return (near * (distance - near * 0.5)).reduced(reduction)
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
  /// The loss of logits against probabilities of their shape.
  public func callAsFunction(_ logits: Tensor, _ target: Tensor) -> Tensor {
    let positive = target * logits.logSigmoid()
    let negative = (1 - target) * (-logits).logSigmoid()
    return (-((positiveWeight.map { $0 * positive } ?? positive) + negative)).reduced(reduction)
  }
}

/// The Kullback-Leibler divergence Σ p (log p - log q) of a target p from a prediction q.
public struct KLDivergenceLoss: Sendable {
  /// The mean is over the first axis, the batch, as the definition has it, rather than over all elements.
  public let reduction: Reduction
  /// The loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// The loss of logarithms of probabilities `[batch, …, classes]` against probabilities of their shape. With a mean, the
  /// sum divided by the batch.
  public func callAsFunction(_ logProbabilities: Tensor, _ target: Tensor) -> Tensor {
    // p log p is 0 where p is 0.
    let entropy = target * Tensor.select(target.greater(than: 0), target, Tensor.ones([], dtype: target.dtype)).log()
    let terms = entropy - target * logProbabilities
    return reduction == .mean ? terms.sum() / Double(logProbabilities.shape[0]) : terms.reduced(reduction)
  }
}
