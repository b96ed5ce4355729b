/// Watches a loss, and says when it is no number any longer, or far above what it was.
///
/// ```swift
/// var guardian = LossGuard(factor: 4)
/// if guardian.isSpike(loss) { try saver.restoreLatest(into: model, optimizer) }
/// ```
public struct LossGuard: Sendable, Hashable, Codable {
  /// A loss above this multiple of the window's median is a spike.
  public let factor: Double
  /// How many losses are remembered.
  public let window: Int
  /// How many must have been seen before one can be a spike.
  public let minimum: Int
  private var recent: [Double] = []

  /// A guard. Traps when the factor is not above 1 or the window is empty.
  public init(factor: Double = 5, window: Int = 50, minimum: Int = 10) {
    if factor <= 1 || window < 1 {
      fatalError("LossGuard: factor \(factor) must be above 1, window \(window) at least 1")
    }
    self.factor = factor
    self.window = window
    self.minimum = minimum
  }

  /// Whether a loss is a spike: not finite, or above ``factor`` times the median of those before. One that is none is
  /// remembered.
  public mutating func isSpike(_ loss: Double) -> Bool {
    guard loss.isFinite else { return true }
    if recent.count >= Swift.max(minimum, 1) {
      let sorted = recent.sorted()
      let median = sorted[sorted.count / 2]
      // Nothing is a multiple of a loss that has come down to nothing.
      if median > 0 && loss > factor * median { return true }
    }
    recent.append(loss)
    if recent.count > window { recent.removeFirst() }
    return false
  }

  /// Forgets the losses seen, as after going back to an earlier state.
  public mutating func reset() { recent = [] }
}
