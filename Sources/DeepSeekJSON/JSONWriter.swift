/// How a value is laid out as text.
public enum JSONLayout: Sendable {
  /// No white space.
  case compact
  /// One line, with a space behind each comma and colon, as Python writes it.
  case spaced
  /// One member or element a line, indented by so many spaces a level.
  case indented(Int)
}

extension JSONValue {
  /// The value as UTF-8 JSON text. Members keep their order; doubles are written in the shortest form that reads back
  /// the same, and always with a fraction or exponent, so that they stay doubles.
  /// - Throws: `JSONError.Reason.notFinite` for an infinite number or NaN; its offset is that in the text so far.
  public func serialized(_ layout: JSONLayout = .compact) throws(JSONError) -> [UInt8] {
    var writer = JSONWriter(layout: layout)
    try writer.write(self, level: 0)
    return writer.bytes
  }

  /// The value as a JSON string; see `serialized`.
  /// - Throws: `JSONError.Reason.notFinite` for an infinite number or NaN.
  public func jsonText(_ layout: JSONLayout = .compact) throws(JSONError) -> String {
    String(decoding: try serialized(layout), as: UTF8.self)
  }
}

struct JSONWriter {
  let layout: JSONLayout
  var bytes: [UInt8] = []
  private var line = 1

  init(layout: JSONLayout) { self.layout = layout }

  mutating func write(_ value: JSONValue, level: Int) throws(JSONError) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .double(let value):
      guard value.isFinite else { throw JSONError(reason: .notFinite, offset: bytes.count, line: line) }
      bytes += String(value).utf8
    case .string(let value): write(value)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { writeComma() }
        breakLine(level + 1)
        try write(element, level: level + 1)
      }
      if !elements.isEmpty { breakLine(level) }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { writeComma() }
        breakLine(level + 1)
        write(member.key)
        bytes.append(UInt8(ascii: ":"))
        if case .compact = layout {} else { bytes.append(0x20) }
        try write(member.value, level: level + 1)
      }
      if !object.isEmpty { breakLine(level) }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func writeComma() {
    bytes.append(UInt8(ascii: ","))
    if case .spaced = layout { bytes.append(0x20) }
  }

  private mutating func breakLine(_ level: Int) {
    guard case .indented(let width) = layout else { return }
    line += 1
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: max(0, width) * level))
  }

  private mutating func write(_ text: String) {
    let hexadecimal = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x08: bytes += "\\b".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0..<0x20:
        bytes += "\\u00".utf8
        bytes.append(hexadecimal[Int(byte >> 4)])
        bytes.append(hexadecimal[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
