public import DeepSeekTensor

extension Tensor {
  /// The cosine of the angle between vectors along an axis; both sides broadcast. The norms are kept above `epsilon`.
  public func cosineSimilarity(
    _ other: Tensor, axis: Int = -1, epsilon: Double = 1e-8, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let product = multiplied(by: other, file: file, line: line).sum(axis: axis)
    return product / (vectorNorm(axis, epsilon) * other.vectorNorm(axis, epsilon))
  }

  /// The Euclidean norm along an axis, kept above `epsilon`; a vector of zeros has slope 0.
  private func vectorNorm(_ axis: Int, _ epsilon: Double) -> Tensor {
    square().sum(axis: axis).maximum(epsilon * epsilon).sqrt()
  }

  /// 1 - cos of pairs whose target is 1, max(0, cos - margin) of those whose target is -1: this and `other` are
  /// `[batch, width]`, the targets `[batch]`.
  public func cosineEmbeddingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    let cosine = cosineSimilarity(other, file: file, line: line)
    let losses = Tensor.select(target.greater(than: 0), 1 - cosine, (cosine - margin).relu())
    return losses.reduced(reduction)
  }

  /// x of pairs whose target is 1, max(0, margin - x) of those whose target is -1, for distances x.
  public func hingeEmbeddingLoss(
    _ target: Tensor, margin: Double = 1, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "hinge_embedding_loss", file: file, line: line)
    return Tensor.select(target.greater(than: 0), self, (margin - self).relu()).reduced(reduction)
  }

  /// max(0, -y (a - b) + margin): these scores a should be above `other`'s b where the target y is 1, below where it is -1.
  public func marginRankingLoss(
    _ other: Tensor, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    checkTarget(other, "margin_ranking_loss", file: file, line: line)
    return ((other - self) * target + margin).relu().reduced(reduction)
  }

  /// max(0, |a - p| - |a - n| + margin) of these anchors a, positives p and negatives n, `[batch, width]`, with the
  /// `power`-norm of the differences plus `epsilon` (Schroff et al., arXiv:1503.03832).
  public func tripletMarginLoss(
    positive: Tensor, negative: Tensor, margin: Double = 1, power: Double = 2, epsilon: Double = 1e-6,
    reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(positive, "triplet_margin_loss", file: file, line: line)
    checkTarget(negative, "triplet_margin_loss", file: file, line: line)
    func distance(_ other: Tensor) -> Tensor {
      let difference = self - other + epsilon
      if power == 2 { return difference.square().sum(axis: -1).sqrt() }
      return difference.abs().power(power).sum(axis: -1).power(1 / power)
    }
    return (distance(positive) - distance(negative) + margin).relu().reduced(reduction)
  }
}
