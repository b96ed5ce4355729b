public import DeepSeekTensor

extension Tensor {
  /// ½ (log σ² + (μ - y)² / σ²) of these means μ and targets y, with the variances given, which broadcast and are kept above
  /// `epsilon`: a regression that says how sure it is (Nix and Weigend, 1994). No gradient reaches a variance below `epsilon`.
  public func gaussianNegativeLogLikelihood(
    _ target: Tensor, variance: Tensor, epsilon: Double = 1e-6, reduction: Reduction = .mean,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "gaussian_nll_loss", file: file, line: line)
    let spread = variance.maximum(epsilon)
    return ((spread.log() + (self - target).square() / spread) * 0.5).reduced(reduction)
  }

  /// exp(x) - y x of these logarithms x of rates and counts y, up to what depends on the counts alone.
  public func poissonNegativeLogLikelihood(
    _ target: Tensor, reduction: Reduction = .mean, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    checkTarget(target, "poisson_nll_loss", file: file, line: line)
    return (exp() - target * self).reduced(reduction)
  }
}
