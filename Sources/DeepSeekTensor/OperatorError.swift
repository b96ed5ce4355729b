/// What is wrong with an operator's inputs: which operator, and what it expected.
public struct OperatorError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The operator's name.
  public let operation: String
  /// What was given and what was expected.
  public let message: String

  /// An error of the operator `operation`.
  public init(_ operation: String, _ message: String) {
    self.operation = operation
    self.message = message
  }

  /// `operation: message`.
  public var description: String { "\(operation): \(message)" }
}
