/// Why an example could not be read: which record, which feature, what is wrong.
public struct ExampleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The record's place among those that were to be parsed.
  public let record: Int
  /// The feature; `nil` when it is the record as a whole.
  public let feature: String?
  /// The byte in the record, where that is known.
  public let offset: Int?
  /// What is wrong, and what was expected.
  public let message: String

  /// An error about a record.
  public init(record: Int, feature: String? = nil, offset: Int? = nil, _ message: String) {
    self.record = record
    self.feature = feature
    self.offset = offset
    self.message = message
  }

  /// One line: `example 3, feature 'label': …`.
  public var description: String {
    var text = "example \(record)"
    if let feature { text += ", feature '\(feature)'" }
    if let offset { text += ", byte \(offset)" }
    return text + ": " + message
  }

  /// Runs `body`; what is wrong with the wire format becomes an error about the record.
  static func reading<Result>(record: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as WireReader.Failure {
      throw ExampleError(record: record, offset: failure.offset, failure.message)
    }
  }
}
