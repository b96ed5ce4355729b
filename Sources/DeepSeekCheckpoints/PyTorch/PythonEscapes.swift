/// Strings as protocol 0 of the pickle format writes them.
enum PythonEscapes {
  struct Problem: Error {
    let message: String
  }

  /// The bytes of a quoted string with Python's escape sequences, as `repr` wrote it.
  static func bytes(quoted text: String) -> Result<[UInt8], Problem> {
    let source = Array(text.utf8)
    guard source.count >= 2, let quote = source.first, quote == source.last, [0x22, 0x27].contains(quote) else {
      return .failure(Problem(message: "a string is not in quotes"))
    }
    var result: [UInt8] = []
    var position = 1
    while position < source.count - 1 {
      let byte = source[position]
      position += 1
      guard byte == UInt8(ascii: "\\"), position < source.count - 1 else {
        result.append(byte)
        continue
      }
      let escape = source[position]
      position += 1
      switch escape {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "\\"), 0x22, 0x27: result.append(escape)
      case UInt8(ascii: "x"):
        guard position + 2 < source.count, let value = hexadecimal(source[position..<position + 2]) else {
          return .failure(Problem(message: "a string has a damaged escape sequence"))
        }
        result.append(UInt8(value))
        position += 2
      default: return .failure(Problem(message: "a string has an escape sequence that Python does not write"))
      }
    }
    return .success(result)
  }

  /// Text whose characters beyond Latin-1, backslashes and line ends stand as `\uXXXX` or `\UXXXXXXXX`, and the others as
  /// one byte each.
  ///
  /// The line was decoded as UTF-8: bytes of Latin-1 beyond ASCII, which Python writes raw, have become replacement
  /// characters by then, and are refused.
  static func text(_ line: String) -> Result<String, Problem> {
    let source = Array(line.unicodeScalars)
    var result = String.UnicodeScalarView()
    var position = 0
    while position < source.count {
      let scalar = source[position]
      position += 1
      let width =
        switch position < source.count ? source[position] : " " {
        case "u": 4
        case "U": 8
        default: 0
        }
      guard scalar == "\\", width > 0 else {
        if scalar == "\u{FFFD}" { return .failure(Problem(message: "a line of text is in Latin-1, which is not read")) }
        result.append(scalar)
        continue
      }
      position += 1
      guard position + width <= source.count,
        let value = hexadecimal(source[position..<position + width].map { UInt8(truncatingIfNeeded: $0.value) }[...]),
        source[position..<position + width].allSatisfy(\.isASCII)
      else { return .failure(Problem(message: "a line of text has a damaged escape sequence")) }
      result.append(Unicode.Scalar(value) ?? "\u{FFFD}")
      position += width
    }
    return .success(String(result))
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
    guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
