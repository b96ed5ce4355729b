/// A literal of the Python language, as far as NumPy's headers use it.
indirect enum PythonLiteral {
  case none
  case bool(Bool)
  case integer(Int)
  case string(String)
  case tuple([PythonLiteral])
  case list([PythonLiteral])
  case dictionary([(key: String, value: PythonLiteral)])
}

/// Why a text is not such a literal, and at which byte of it.
struct PythonLiteralError: Error {
  let offset: Int
  let message: String
}

/// Reads one literal and nothing else from bytes. Every read is preceded by a comparison with the end.
struct PythonLiteralParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// How deep brackets may nest; the reader recurses.
  private static let maximumDepth = 32

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The literal that the whole text is.
  mutating func document() throws -> PythonLiteral {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("more text after the literal") }
    return value
  }

  private func failure(_ message: String) -> PythonLiteralError {
    PythonLiteralError(offset: position, message: message)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws -> PythonLiteral {
    guard depth < PythonLiteralParser.maximumDepth else { throw failure("brackets nest too deep") }
    skipSpace()
    guard let byte = current else { throw failure("the text ends where a value is expected") }
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "("):
      position += 1
      return try tuple(depth: depth)
    case UInt8(ascii: "["):
      position += 1
      var elements: [PythonLiteral] = []
      while !take("]") {
        elements.append(try value(depth: depth + 1))
        if take(",") { continue }
        guard take("]") else { throw failure("',' or ']' is expected") }
        break
      }
      return .list(elements)
    case UInt8(ascii: "{"):
      position += 1
      return .dictionary(try members(depth: depth))
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return .integer(try integer())
    default: return try word()
    }
  }

  /// One value in parentheses is itself; a comma makes a tuple.
  private mutating func tuple(depth: Int) throws -> PythonLiteral {
    var elements: [PythonLiteral] = []
    while !take(")") {
      elements.append(try value(depth: depth + 1))
      if take(",") { continue }
      guard take(")") else { throw failure("',' or ')' is expected") }
      return elements.count == 1 ? elements[0] : .tuple(elements)
    }
    return .tuple(elements)
  }

  private mutating func members(depth: Int) throws -> [(key: String, value: PythonLiteral)] {
    var members: [(key: String, value: PythonLiteral)] = []
    while !take("}") {
      skipSpace()
      guard current == UInt8(ascii: "'") || current == UInt8(ascii: "\"") else {
        throw failure("a key in quotes is expected")
      }
      let key = try string()
      guard take(":") else { throw failure("':' is expected") }
      members.append((key, try value(depth: depth + 1)))
      if take(",") { continue }
      guard take("}") else { throw failure("',' or '}' is expected") }
      break
    }
    return members
  }

  private mutating func string() throws -> String {
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      if byte == quote { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = current, [quote, UInt8(ascii: "\\")].contains(escaped) else {
          throw failure("an escape sequence that is not supported")
        }
        position += 1
        text.append(escaped)
      } else {
        text.append(byte)
      }
    }
    throw failure("the text ends inside a string")
  }

  private mutating func integer() throws -> Int {
    let isNegative = current == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value = 0
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !tooLarge, !carried else { throw failure("an integer beyond 64 bits") }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("digits are expected") }
    // Python 2 wrote long integers with this suffix.
    if current == UInt8(ascii: "L") { position += 1 }
    return isNegative ? -value : value
  }

  private mutating func word() throws -> PythonLiteral {
    for (text, value) in [("True", PythonLiteral.bool(true)), ("False", .bool(false)), ("None", .none)] {
      let end = position + text.utf8.count
      if end <= bytes.count && bytes[position..<end].elementsEqual(text.utf8) {
        position = end
        return value
      }
    }
    throw failure("a value is expected")
  }
}
