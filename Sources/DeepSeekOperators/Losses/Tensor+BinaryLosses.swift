public import DeepSeekTensor

extension Tensor {
  /// -(y log p + (1 - y) log(1 - p)) of these probabilities p and targets y; logarithms are kept above -100, as PyTorch has
  /// it. `weight` broadcasts over the elements.
  public func binaryCrossEntropy(
    _ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "binary_cross_entropy", file: file, line: line)
    let floor = -100.0
    let losses = -(target * log().maximum(floor) + (1 - target) * (1 - self).log().maximum(floor))
    return (weight.map { losses * $0 } ?? losses).reduced(reduction)
  }

  /// Binary cross-entropy of sigmoid(logits), without overflow. `positiveWeight` is what positive targets count and
  /// broadcasts to the logits, as does `weight`.
  public func binaryCrossEntropyWithLogits(
    _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil, reduction: Reduction = .mean,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "binary_cross_entropy_with_logits", file: file, line: line)
    var losses: Tensor
    if let positiveWeight {
      losses = (1 - target) * self - ((positiveWeight - 1) * target + 1) * logSigmoid()
    } else {
      losses = (1 - target) * self - logSigmoid()
    }
    if let weight { losses = losses * weight }
    return losses.reduced(reduction)
  }

  /// max(0, 1 - y x) of these scores and targets of 1 and -1.
  public func hingeLoss(
    _ target: Tensor, margin: Double = 1, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "hinge_loss", file: file, line: line)
    return (margin - self * target).relu().reduced(reduction)
  }

  /// log(1 + exp(-y x)) of these scores and targets of 1 and -1.
  public func softMarginLoss(
    _ target: Tensor, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "soft_margin_loss", file: file, line: line)
    return (-(self * target).logSigmoid()).reduced(reduction)
  }
}
