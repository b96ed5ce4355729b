/// Shrinks the learning rate when a figure has stopped getting better; as PyTorch's `ReduceLROnPlateau`.
///
/// ```swift
/// var plateau = ReduceOnPlateau(patience: 3)
/// optimizer.learningRateFactor = plateau.observe(validationLoss)
/// ```
public struct ReduceOnPlateau: Sendable, Hashable, Codable {
  /// Which way the figure gets better.
  public enum Goal: String, Sendable, Hashable, Codable {
    /// Smaller is better.
    case minimum
    /// Larger is better.
    case maximum
  }

  /// Which way the figure gets better.
  public let goal: Goal
  /// What the learning rate is multiplied by.
  public let shrinkage: Double
  /// How many observations without improvement are borne.
  public let patience: Int
  /// By how much, relative to the best, a figure must be better to count.
  public let threshold: Double
  /// How many observations after a change are not counted.
  public let cooldown: Int
  /// The factor never goes below this.
  public let floor: Double
  /// The product of all shrinkages so far.
  public private(set) var factor = 1.0
  /// The best figure so far.
  public private(set) var best: Double?
  private var worse = 0
  private var resting = 0

  /// With PyTorch's defaults.
  public init(
    goal: Goal = .minimum, shrinkage: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0,
    floor: Double = 0
  ) {
    if !(0..<1).contains(shrinkage) { fatalError("ReduceOnPlateau: shrinkage \(shrinkage) is not below 1") }
    self.goal = goal
    self.shrinkage = shrinkage
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.floor = floor
  }

  /// Notes a figure, once an epoch, and gives the factor for what follows.
  public mutating func observe(_ figure: Double) -> Double {
    if isBetter(figure) {
      best = figure
      worse = 0
    } else {
      worse += 1
    }
    if resting > 0 {
      resting -= 1
      worse = 0
    }
    if worse > patience {
      factor = Swift.max(factor * shrinkage, floor)
      resting = cooldown
      worse = 0
    }
    return factor
  }

  private func isBetter(_ figure: Double) -> Bool {
    guard let best else { return !figure.isNaN }
    return goal == .minimum ? figure < best * (1 - threshold) : figure > best * (1 + threshold)
  }
}
