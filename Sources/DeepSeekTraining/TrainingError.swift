/// Why a training run cannot start or go on.
public struct TrainingError: Error, Sendable, CustomStringConvertible {
  /// One line that says what and where.
  public let description: String

  /// An error with this description.
  public init(_ description: String) { self.description = description }
}
