public import DeepSeekTensor

extension Tensor {
  /// One loss for each element reduced as asked.
  func reduced(_ reduction: Reduction) -> Tensor {
    switch reduction {
    case .mean: mean()
    case .sum: sum()
    case .none: self
    }
  }

  /// Checks that a target has this shape; broadcasting one is nearly always a mistake.
  func checkTarget(_ target: Tensor, _ operation: String, file: StaticString, line: UInt) {
    if target.shape != shape {
      fatalError(
        "\(operation): prediction \(shape), target \(target.shape); one shape is expected",
        file: file, line: line)
    }
  }

  /// The squared differences to a target of this shape.
  public func meanSquaredError(
    _ target: Tensor, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "mse_loss", file: file, line: line)
    return (self - target).square().reduced(reduction)
  }

  /// The absolute differences to a target of this shape.
  public func meanAbsoluteError(
    _ target: Tensor, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "l1_loss", file: file, line: line)
    return (self - target).abs().reduced(reduction)
  }

  /// Half the squared difference up to `delta`, then a line of slope `delta` (Huber, 1964).
  public func huberLoss(
    _ target: Tensor, delta: Double = 1, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if delta <= 0 { fatalError("huber_loss: delta \(delta); more than 0 is expected", file: file, line: line) }
    checkTarget(target, "huber_loss", file: file, line: line)
    return (self - target).huber(delta).reduced(reduction)
  }

  /// The Huber loss divided by `beta`: half the squared difference over `beta` up to there, then a line of slope 1. With
  /// `beta` 0 it is the absolute difference (Girshick, arXiv:1504.08083).
  public func smoothL1Loss(
    _ target: Tensor, beta: Double = 1, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    if beta < 0 { fatalError("smooth_l1_loss: beta \(beta); 0 or more is expected", file: file, line: line) }
    if beta == 0 { return meanAbsoluteError(target, reduction: reduction, file: file, line: line) }
    checkTarget(target, "smooth_l1_loss", file: file, line: line)
    return ((self - target).huber(beta) / beta).reduced(reduction)
  }

  private func huber(_ delta: Double) -> Tensor {
    // Clamped to ±delta, d (x - d / 2) is half the square inside and the line outside, without a branch.
    let near = clamp(-delta, delta)
    return near * (self - near * 0.5)
  }

  /// The Kullback-Leibler divergence Σ p (log p - log q) of a target p from these log-probabilities log q.
  ///
  /// `isLogarithm` says that the target holds log p. The mean is over all elements, as PyTorch's `mean`, unless
  /// `overBatch`, which divides the sum by the first axis' length, as the definition has it.
  public func klDivergence(
    _ target: Tensor, isLogarithm: Bool = false, reduction: Reduction = .mean, overBatch: Bool = false,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "kl_divergence", file: file, line: line)
    let terms: Tensor
    if isLogarithm {
      terms = target.exp() * (target - self)
    } else {
      // p log p is 0 where p is 0.
      let safe = Tensor.select(target.greater(than: 0), target, Tensor.ones([], dtype: target.dtype))
      terms = target * (safe.log() - self)
    }
    return overBatch && reduction == .mean ? terms.sum() / Double(shape[0]) : terms.reduced(reduction)
  }
}
