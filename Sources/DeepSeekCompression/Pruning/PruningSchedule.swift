import Foundation

/// How sparse a model is at each step of its training: a cubic ramp, steep at first, when most of what goes is not missed (Zhu
/// and Gupta, arXiv:1710.01878).
public struct PruningSchedule: Sendable, Hashable {
  /// The share of zeros before.
  public var initial: Double
  /// The share of zeros in the end.
  public var final: Double
  /// The step at which the ramp begins.
  public var start: Int
  /// The step at which it ends.
  public var end: Int
  /// Steps between two changes.
  public var interval: Int

  /// A ramp. Traps when shares are no shares or steps do not follow each other.
  public init(initial: Double = 0, final: Double, start: Int = 0, end: Int, interval: Int = 1) {
    if !(0...1).contains(initial) || !(0...1).contains(final) || start > end || interval < 1 {
      fatalError("PruningSchedule: from \(initial) to \(final) in steps \(start) to \(end), every \(interval)")
    }
    self.initial = initial
    self.final = final
    self.start = start
    self.end = end
    self.interval = interval
  }

  /// The share of zeros after so many steps.
  public func sparsity(at step: Int) -> Double {
    if step >= end { return final }
    if step <= start { return initial }
    let left = 1 - Double(step - start) / Double(end - start)
    return final + (initial - final) * pow(left, 3)
  }

  /// Whether the share changes after this step.
  public func changes(at step: Int) -> Bool {
    step == end || step >= start && step < end && (step - start) % interval == 0
  }
}
