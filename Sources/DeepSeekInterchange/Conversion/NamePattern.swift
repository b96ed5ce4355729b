/// A name, or a form of names: `encoder/layer_{n}/kernel` with a number in it, `{rest*}/gamma` with any text.
///
/// `{name}` stands for a number without leading zeros, `{name*}` for one or more characters, as few as will do. `{{` and `}}`
/// are braces. In a target the same names stand for what was found.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
  enum Piece: Sendable, Hashable {
    case text([UInt8])
    case number(String)
    case any(String)
  }

  /// What was found under each name.
  typealias Captures = [String: String]

  /// The pattern as it was written.
  public let description: String
  let pieces: [Piece]

  /// More than this many texts in a pattern would make matching slow.
  private static let mostTexts = 3
  /// Digits that a number has at most.
  private static let mostDigits = 9

  /// What is wrong with a pattern.
  struct Failure: Error, Equatable {
    let message: String
  }

  init(_ text: String) throws(Failure) {
    description = text
    var pieces: [Piece] = []
    var literal: [UInt8] = []
    var names: Set<String> = []
    let bytes = Array(text.utf8)
    let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      let isDouble = position + 1 < bytes.count && bytes[position + 1] == byte
      if byte == open && !isDouble {
        guard let end = bytes[position...].firstIndex(of: close) else { throw Failure(message: "'{' is not closed") }
        var name = String(decoding: bytes[position + 1..<end], as: UTF8.self)
        let isAny = name.hasSuffix("*")
        if isAny { name.removeLast() }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
          throw Failure(message: "'{\(name)}' is not a name of letters, digits and '_'")
        }
        guard names.insert(name).inserted else { throw Failure(message: "'\(name)' stands in it twice") }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        literal = []
        pieces.append(isAny ? .any(name) : .number(name))
        position = end + 1
      } else if byte == close && !isDouble {
        throw Failure(message: "'}' without '{'; a brace itself is '}}'")
      } else {
        literal.append(byte)
        position += byte == open || byte == close ? 2 : 1
      }
    }
    if !literal.isEmpty { pieces.append(.text(literal)) }
    if pieces.isEmpty { throw Failure(message: "it is empty") }
    self.pieces = pieces
    guard textNames.count <= NamePattern.mostTexts else {
      throw Failure(message: "it has \(textNames.count) texts; at most \(NamePattern.mostTexts) are possible")
    }
  }

  /// A pattern that is known to be right; traps otherwise.
  init(known text: String) {
    do { try self.init(text) } catch { fatalError("NamePattern: '\(text)': \(error.message)") }
  }

  /// The names of its numbers, in order.
  var numberNames: [String] {
    pieces.compactMap { if case .number(let name) = $0 { name } else { nil } }
  }

  /// The names of its texts, in order.
  var textNames: [String] {
    pieces.compactMap { if case .any(let name) = $0 { name } else { nil } }
  }

  /// What stands for each name when a tensor's name is of this form; `nil` when it is not.
  func match(_ name: String) -> Captures? {
    var captures: Captures = [:]
    return match(pieces[...], Array(name.utf8)[...], &captures) ? captures : nil
  }

  private func match(_ pieces: ArraySlice<Piece>, _ bytes: ArraySlice<UInt8>, _ captures: inout Captures) -> Bool {
    guard let first = pieces.first else { return bytes.isEmpty }
    let rest = pieces.dropFirst()
    switch first {
    case .text(let text): return bytes.starts(with: text) && match(rest, bytes.dropFirst(text.count), &captures)
    case .number(let name):
      let digits = bytes.prefix { (48...57).contains($0) }
      guard !digits.isEmpty, digits.count <= NamePattern.mostDigits, digits.count == 1 || digits.first != 48 else {
        return false
      }
      captures[name] = String(decoding: digits, as: UTF8.self)
      return match(rest, bytes.dropFirst(digits.count), &captures)
    case .any(let name):
      if rest.isEmpty {
        captures[name] = String(decoding: bytes, as: UTF8.self)
        return !bytes.isEmpty
      }
      for length in stride(from: 1, through: bytes.count, by: 1)
      where match(rest, bytes.dropFirst(length), &captures) {
        captures[name] = String(decoding: bytes.prefix(length), as: UTF8.self)
        return true
      }
      return false
    }
  }

  /// The name with what was found; `nil` when a name of the pattern is not among it.
  func filled(_ captures: Captures) -> String? {
    var result: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let text): result += text
      case .number(let name), .any(let name):
        guard let found = captures[name] else { return nil }
        result += found.utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
