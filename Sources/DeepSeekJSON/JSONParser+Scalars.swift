extension JSONParser {
  /// A string, from its opening quotation mark.
  mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = try decoded(UnsafeBufferPointer(rebasing: bytes[start..<position]), start: start)
        position += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw failure(.controlCharacter)
      default: position += 1
      }
    }
    throw failure(.unexpectedEnd)
  }

  private func decoded(_ text: UnsafeBufferPointer<UInt8>, start: Int) throws(JSONError) -> String {
    guard let string = String(validating: text, as: UTF8.self) else { throw failure(.invalidUTF8, at: start) }
    return string
  }

  /// The slow form: `position` stands on the first backslash.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: scratch, as: UTF8.self) else {
          throw failure(.invalidUTF8, at: start)
        }
        position += 1
        return text
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw failure(.controlCharacter)
      default:
        scratch.append(byte)
        position += 1
      }
    }
    throw failure(.unexpectedEnd)
  }

  private mutating func escape() throws(JSONError) {
    let start = position
    guard position + 1 < bytes.count else { throw failure(.unexpectedEnd) }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
    case UInt8(ascii: "b"): scratch.append(0x08)
    case UInt8(ascii: "f"): scratch.append(0x0C)
    case UInt8(ascii: "n"): scratch.append(0x0A)
    case UInt8(ascii: "r"): scratch.append(0x0D)
    case UInt8(ascii: "t"): scratch.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal(start: start)
      if code & 0xFC00 == 0xD800 {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        else { throw failure(.invalidEscape, at: start) }
        position += 2
        let low = try hexadecimal(start: start)
        guard low & 0xFC00 == 0xDC00 else { throw failure(.invalidEscape, at: start) }
        code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF))
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure(.invalidEscape, at: start) }
      scratch.append(contentsOf: UTF8.encode(scalar)!)
    default: throw failure(.invalidEscape, at: start)
    }
  }

  private mutating func hexadecimal(start: Int) throws(JSONError) -> UInt32 {
    guard bytes.count - position >= 4 else { throw failure(.unexpectedEnd) }
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw failure(.invalidEscape, at: start)
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  /// A number, by JSON's grammar: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative { position += 1 }
    var magnitude: UInt64 = 0
    var overflowed = false
    let firstDigit = position
    while let digit = digit() {
      let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(UInt64(digit))
      overflowed = overflowed || tooLarge || carried
      magnitude = sum
      position += 1
    }
    guard position > firstDigit else { throw unexpected() }
    guard position == firstDigit + 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
      throw failure(.invalidNumber, at: start)
    }
    var isInteger = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try digits()
    }
    if isInteger, !overflowed {
      if !negative, magnitude <= UInt64(Int.max) { return .integer(Int(magnitude)) }
      // "-0" is a double: an integer has no negative zero.
      if negative, magnitude > 0, magnitude <= UInt64(Int.max) + 1 {
        return .integer(Int(truncatingIfNeeded: 0 &- magnitude))
      }
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw failure(.invalidNumber, at: start) }
    return .double(value)
  }

  @inline(__always)
  private func digit() -> UInt8? {
    guard position < bytes.count else { return nil }
    let digit = bytes[position] &- UInt8(ascii: "0")
    return digit < 10 ? digit : nil
  }

  private mutating func digits() throws(JSONError) {
    guard digit() != nil else { throw unexpected() }
    while digit() != nil { position += 1 }
  }
}
