/// Why data could not be read: which file, where in it, what is wrong and what to do.
public struct DataError: Error, Sendable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// The file is not there.
    case missingFile
    /// The system refused to open, read or map it.
    case unreadable
    /// It ends before its own lengths say it does.
    case truncated
    /// Its bytes contradict its format.
    case malformed
    /// Its format is followed, but uses something that is not supported.
    case unsupported
    /// Reading it would take more memory than is allowed.
    case tooLarge
    /// Its contents are not what they were when its checksum was written.
    case checksumMismatch
    /// A library that the file's compression needs is not installed.
    case missingLibrary
    /// There is no column of that name.
    case missingColumn
    /// A value is not of the type that was asked for, or rows do not fit together in one batch.
    case typeMismatch
    /// A saved state belongs to another pipeline or other data.
    case stateMismatch
    /// A function given to `map`, `filter` or another step threw; ``DataError/underlying`` is what it threw.
    case stepFailed
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The file, as it was named by the caller; empty when the trouble is in no file.
  public let file: String
  /// The column, field or key concerned; `nil` when it is the file as a whole.
  public let item: String?
  /// The byte in the file where the trouble is, where that is known.
  public let offset: Int?
  /// The line in the file, from 1, for text.
  public let line: Int?
  /// What is wrong, in words.
  public let message: String
  /// What to do about it; empty when there is nothing beyond the message.
  public let advice: String
  /// The error behind this one, for a step's own function.
  public let underlying: (any Error)?

  /// An error about `file`.
  public init(
    _ kind: Kind, file: String = "", item: String? = nil, offset: Int? = nil, line: Int? = nil, _ message: String,
    advice: String = "", underlying: (any Error)? = nil
  ) {
    self.kind = kind
    self.file = file
    self.item = item
    self.offset = offset
    self.line = line
    self.message = message
    self.advice = advice
    self.underlying = underlying
  }

  /// One line: `train.parquet, 'label', byte 128: … (write the file again)`.
  public var description: String {
    var places: [String] = []
    if !file.isEmpty { places.append(file) }
    if let line { places.append("line \(line)") }
    if let item { places.append("'\(item)'") }
    if let offset { places.append("byte \(offset)") }
    var text = places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
    if !advice.isEmpty { text += " (\(advice))" }
    return text
  }
}

extension DataError {
  /// A column that is asked for and not there, among those that are.
  static func missingColumn(
    _ name: String, among names: [String], file: String = "", line: Int? = nil, of what: String = ""
  ) -> DataError {
    let there = names.isEmpty ? "there is none at all" : "there are \(names.joined(separator: ", "))"
    return DataError(.missingColumn, file: file, item: name, line: line, "there is no such column\(what); \(there)")
  }

  /// What to do about a file whose end is missing.
  static let downloadAgain = "the file is incomplete or damaged: copy or download it again"
  /// What to do about a file that another program wrote wrongly.
  static let writeAgain = "the program that wrote the file did not follow the format: write it again"
}
