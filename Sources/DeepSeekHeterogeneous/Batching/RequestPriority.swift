/// Which of the waiting requests goes first.
public enum RequestPriority: Int, Sendable, Hashable, Comparable, CaseIterable {
  /// After all others.
  case low
  /// As they come.
  case normal
  /// Before all others.
  case high

  /// Low before high.
  public static func < (left: RequestPriority, right: RequestPriority) -> Bool { left.rawValue < right.rawValue }
}
