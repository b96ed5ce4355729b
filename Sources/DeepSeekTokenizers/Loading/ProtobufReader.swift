/// The wire format of protocol buffers, as far as SentencePiece's files need it: fields one after the other.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  private let name: String

  /// The name stands in errors.
  init(_ bytes: ArraySlice<UInt8>, name: String) {
    rest = bytes
    self.name = name
  }

  private func failure(_ reason: String) -> TokenizerError {
    .invalidField(path: name, reason: "\(reason) at byte \(rest.startIndex)")
  }

  /// The next field's number and value, or `nil` at the end.
  mutating func next() throws(TokenizerError) -> (field: Int, value: Value)? {
    if rest.isEmpty { return nil }
    let key = try varint()
    guard let field = Int(exactly: key >> 3), field > 0 else { throw failure("field number 0") }
    switch key & 7 {
    case 0: return (field, .varint(try varint()))
    case 1: return (field, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw failure("a length beyond the end") }
      let bytes = rest.prefix(Int(length))
      rest = rest.dropFirst(Int(length))
      return (field, .bytes(bytes))
    case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw failure("unknown wire type \(key & 7)")
    }
  }

  private mutating func varint() throws(TokenizerError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw failure("the file ends inside a field") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw failure("a number of more than ten bytes")
  }

  private mutating func fixed(_ count: Int) throws(TokenizerError) -> UInt64 {
    guard rest.count >= count else { throw failure("the file ends inside a field") }
    var value: UInt64 = 0
    for byte in rest.prefix(count).reversed() { value = value << 8 | UInt64(byte) }
    rest = rest.dropFirst(count)
    return value
  }
}
