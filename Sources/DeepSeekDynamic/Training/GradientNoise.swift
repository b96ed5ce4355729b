/// How noisy the gradients of small batches are, as a batch size: below it, twice the batch makes a step nearly twice as
/// good; far above it, examples are wasted.
///
/// The "simple noise scale" tr(Σ) / |G|² of McCandlish, Kaplan and Amodei, "An empirical model of large-batch training"
/// (2018), appendix A: both terms follow, without bias, from the squared norms of the gradient of a small batch and of a large
/// one. Each is averaged over steps before they are divided.
public struct GradientNoise: Sendable, Hashable, Codable {
  /// How much of the averages stays at a step.
  public let decay: Double
  private var noise = 0.0
  private var signal = 0.0
  private var weight = 0.0

  /// Averages with this decay. Traps when it is not from 0 to below 1.
  public init(decay: Double = 0.95) {
    if !(0..<1).contains(decay) { fatalError("GradientNoise: the decay \(decay) is not from 0 to below 1") }
    self.decay = decay
  }

  /// Takes in a step: the mean squared norm of the gradients of batches of `small` examples, and the squared norm of the
  /// gradient of all their `large` examples together. Nothing is learned unless `large` is above `small`.
  public mutating func observe(small: Double, squaredNorm: Double, large: Double, squaredNormOfAll: Double) {
    guard large > small, small > 0, squaredNorm.isFinite, squaredNormOfAll.isFinite else { return }
    let steady = (large * squaredNormOfAll - small * squaredNorm) / (large - small)
    let spread = (squaredNorm - squaredNormOfAll) / (1 / small - 1 / large)
    noise = decay * noise + (1 - decay) * spread
    signal = decay * signal + (1 - decay) * steady
    weight = decay * weight + (1 - decay)
  }

  /// The noise scale in examples; `nil` before the first step, infinite while the gradient itself is lost in the noise.
  public var scale: Double? {
    guard weight > 0 else { return nil }
    if signal <= 0 { return .infinity }
    return Swift.max(noise, 0) / signal
  }
}
