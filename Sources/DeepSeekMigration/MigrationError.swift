/// Why a source file could not be migrated: which file, where in it, what is wrong and what to do. The file is untouched.
public struct MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Kind: String, Sendable, Hashable {
    /// This build has no Swift parser: it was made without the package trait `Migrate`.
    case unavailable
    /// The file or folder is not there, or the system refused to read it.
    case unreadable
    /// The system refused to write it.
    case unwritable
    /// It has more bytes than ``SourceFiles/maximumByteCount``.
    case tooLarge
    /// Its bytes are not UTF-8.
    case notUTF8
    /// It is not Swift, or newer Swift than the parser knows.
    case doesNotParse
    /// Its expressions stand too deep in one another.
    case tooDeep
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The file, as it was named by the caller; empty when no file is concerned.
  public let file: String
  /// Where in the file, where that is known.
  public let location: SourcePosition?
  /// What is wrong, in words.
  public let message: String
  /// What to do about it; empty when there is nothing beyond the message.
  public let advice: String

  /// An error about `file`.
  public init(_ kind: Kind, file: String, at location: SourcePosition? = nil, _ message: String, advice: String) {
    self.kind = kind
    self.file = file
    self.location = location
    self.message = message
    self.advice = advice
  }

  /// One line: `Model.swift:12:7: it does not parse here (…)`.
  public var description: String {
    var text = file
    if let location { text += ":\(location)" }
    return "\(text)\(text.isEmpty ? "" : ": ")\(message)\(advice.isEmpty ? "" : " (\(advice))")"
  }

  static func tooLarge(_ file: String) -> MigrationError {
    MigrationError(
      .tooLarge, file: file, "it has more than \(SourceFiles.maximumByteCount >> 10) KiB", advice: "split it")
  }

  /// What a build without the trait says.
  static let unavailable = MigrationError(
    .unavailable, file: "", "this build cannot read Swift sources",
    advice: "build the command line with the parser: swift build -c release --product ds --traits Migrate")
}
