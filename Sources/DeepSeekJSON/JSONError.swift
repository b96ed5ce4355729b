/// Why a text is not JSON that can be read, or a value cannot be written, with the place.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong.
  public enum Reason: Sendable, Equatable {
    /// The text ended inside a value.
    case unexpectedEnd
    /// A byte that cannot stand where it stands.
    case unexpectedByte(UInt8)
    /// An escape sequence that JSON does not have, or half a surrogate pair.
    case invalidEscape
    /// An unescaped control character inside a string.
    case controlCharacter
    /// A string whose bytes are not UTF-8.
    case invalidUTF8
    /// A number that JSON's grammar does not have, or one beyond the range of a double.
    case invalidNumber
    /// Something other than white space after the value.
    case trailingBytes
    /// The same key twice in one object.
    case duplicateKey(String)
    /// Arrays and objects nested deeper than the limit.
    case tooDeep(limit: Int)
    /// More bytes than the limit.
    case tooLong(count: Int, limit: Int)
    /// A number to be written that is infinite or not a number.
    case notFinite
  }

  /// What was wrong.
  public let reason: Reason
  /// The byte in the text, from 0.
  public let offset: Int
  /// The line in the text, from 1.
  public let line: Int

  /// One sentence with the place.
  public var description: String {
    let what =
      switch reason {
      case .unexpectedEnd: "the text ends inside a value"
      case .unexpectedByte(let byte) where byte >= 0x20 && byte < 0x7F: "unexpected '\(Unicode.Scalar(byte))'"
      case .unexpectedByte(let byte): "unexpected byte \(byte)"
      case .invalidEscape: "invalid escape sequence"
      case .controlCharacter: "control character inside a string"
      case .invalidUTF8: "the string is not UTF-8"
      case .invalidNumber: "invalid number"
      case .trailingBytes: "more text after the value"
      case .duplicateKey(let key): "the key \"\(key)\" occurs twice"
      case .tooDeep(let limit): "nested deeper than \(limit)"
      case .tooLong(let count, let limit): "\(count) bytes are more than the limit of \(limit)"
      case .notFinite: "an infinite number or NaN has no form in JSON"
      }
    return "JSON, line \(line), byte \(offset): \(what)"
  }
}
