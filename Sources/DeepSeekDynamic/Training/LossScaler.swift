public import DeepSeekTensor

/// What a loss is multiplied by before the walk back, so that small gradients do not vanish in `float16`; it grows while all
/// gradients are finite and shrinks when one is not, as PyTorch's `GradScaler` does.
///
/// ```swift
/// var scaler = LossScaler()
/// loss.backward(gradient: scaler.seed(for: loss))
/// if let scale = scaler.gradientScale(of: optimizer.parameters) { optimizer.step(gradientScale: scale) }
/// optimizer.zeroGradients()
/// ```
public struct LossScaler: Sendable, Hashable, Codable {
  /// What the loss is multiplied by now.
  public private(set) var scale: Double
  /// What the scale is multiplied by after ``growthInterval`` steps in a row with finite gradients.
  public let growth: Double
  /// What the scale is multiplied by after a step whose gradients were not finite.
  public let backoff: Double
  /// How many steps with finite gradients make it grow.
  public let growthInterval: Int
  private var finiteSteps = 0

  /// The scale never leaves this range: below, no gradient would be helped; above, `float32` itself is at its end.
  private static let range = 1.0...0x1p100

  /// With PyTorch's defaults. Traps when the numbers could not work.
  public init(scale: Double = 65536, growth: Double = 2, backoff: Double = 0.5, growthInterval: Int = 2000) {
    if !LossScaler.range.contains(scale) || growth < 1 || !(0..<1).contains(backoff) || growthInterval < 1 {
      fatalError("LossScaler: scale \(scale), growth \(growth), backoff \(backoff), interval \(growthInterval)")
    }
    self.scale = scale
    self.growth = growth
    self.backoff = backoff
    self.growthInterval = growthInterval
  }

  /// The gradient from which the walk back from a scalar loss starts.
  public func seed(for loss: Tensor) -> Tensor { Tensor.full([], scale, dtype: loss.dtype) }

  /// What the gathered gradients of a step are to be multiplied by; `nil` when one is not finite, and the step is not to be
  /// made. Sets the scale of the next step. One pass over the gradients.
  public mutating func gradientScale(of parameters: [Parameter]) -> Double? {
    let current = scale
    let isFinite = parameters.allSatisfy { $0.gradient?.isAllFinite ?? true }
    update(isFinite: isFinite)
    return isFinite ? 1 / current : nil
  }

  /// Sets the scale of the next step, when someone else has found whether all gradients of this one are finite.
  public mutating func update(isFinite: Bool) {
    if !isFinite {
      scale = Swift.max(scale * backoff, LossScaler.range.lowerBound)
      finiteSteps = 0
      return
    }
    finiteSteps += 1
    if finiteSteps == growthInterval {
      scale = Swift.min(scale * growth, LossScaler.range.upperBound)
      finiteSteps = 0
    }
  }
}
