/// Thrift's compact protocol, read strictly: every length is compared with what is left before it is believed.
///
/// Source: apache/thrift, doc/specs/thrift-compact-protocol.md.
struct ThriftReader {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  /// Where `bytes` begins in the file, for errors.
  private let origin: Int
  private(set) var position = 0

  /// The types of the protocol.
  enum Kind: UInt8 {
    case stop = 0
    case yes, no, byte, i16, i32, i64, double, binary, list, set, map, structure, uuid
  }

  init(_ bytes: UnsafeRawBufferPointer, file: String, origin: Int) {
    self.bytes = bytes
    self.file = file
    self.origin = origin
  }

  func failure(_ message: String, _ kind: DataError.Kind = .malformed) -> DataError {
    DataError(kind, file: file, offset: origin + position, message, advice: DataError.downloadAgain)
  }

  private mutating func nextByte() throws(DataError) -> UInt8 {
    guard position < bytes.count else { throw failure("its metadata ends inside a value", .truncated) }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func varint() throws(DataError) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try nextByte()
      if shift == 63 && byte > 1 { throw failure("an integer has more than 64 bits") }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw failure("an integer has more than 64 bits")
  }

  /// A byte with a sign.
  mutating func byte() throws(DataError) -> Int8 { Int8(bitPattern: try nextByte()) }

  mutating func integer() throws(DataError) -> Int {
    let word = try varint()
    return Int(bitPattern: UInt(word >> 1)) ^ -Int(word & 1)
  }

  /// An integer that is a count of bytes or values.
  mutating func size() throws(DataError) -> Int {
    let value = try integer()
    guard value >= 0 else { throw failure("a size is negative") }
    return value
  }

  mutating func binary() throws(DataError) -> UnsafeRawBufferPointer {
    let count = try varint()
    guard count <= UInt64(bytes.count - position) else {
      throw failure("a text is longer than what is left", .truncated)
    }
    defer { position += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
  }

  mutating func string() throws(DataError) -> String {
    guard let text = String(validating: try binary(), as: UTF8.self) else { throw failure("a name is not UTF-8") }
    return text
  }

  /// The head of a list: how many elements of what kind.
  mutating func list(of kind: Kind) throws(DataError) -> Int {
    let (count, found) = try collection()
    guard count == 0 || found == kind else { throw failure("a list holds \(found), where \(kind) is expected") }
    return count
  }

  private mutating func collection() throws(DataError) -> (Int, Kind) {
    let head = try nextByte()
    let count = head >> 4 == 15 ? try varint() : UInt64(head >> 4)
    // An element takes at least a byte.
    guard count <= UInt64(bytes.count - position) else {
      throw failure("a list is longer than what is left", .truncated)
    }
    guard let kind = Kind(rawValue: head & 15), kind != .stop || count == 0 else {
      throw failure("a list holds values of no known kind")
    }
    return (Int(count), kind)
  }

  /// Calls `body` for each field with its number and kind; a field that it leaves (returns `false`) is skipped.
  mutating func structure(
    depth: Int = 0, _ body: (inout ThriftReader, Int, Kind) throws(DataError) -> Bool
  ) throws(DataError) {
    guard depth < DataLimit.depth else { throw failure("its metadata nests deeper than \(DataLimit.depth)") }
    var number = 0
    while true {
      let head = try nextByte()
      guard let kind = Kind(rawValue: head & 15) else { throw failure("a field is of no known kind") }
      if kind == .stop { return }
      let step = Int(head >> 4)
      number = step == 0 ? try integer() : number + step
      guard (1...Int(Int16.max)).contains(number) else { throw failure("a field has the number \(number)") }
      let start = position
      if try !body(&self, number, kind) {
        position = start
        try skip(kind, depth: depth)
      }
    }
  }

  private mutating func skip(_ kind: Kind, depth: Int) throws(DataError) {
    guard depth < DataLimit.depth else { throw failure("its metadata nests deeper than \(DataLimit.depth)") }
    switch kind {
    case .stop, .yes, .no: break
    case .byte: _ = try nextByte()
    case .i16, .i32, .i64: _ = try varint()
    case .double: try skipBytes(8)
    case .uuid: try skipBytes(16)
    case .binary: _ = try binary()
    case .list, .set:
      let (count, element) = try collection()
      for _ in 0..<count { try skipElement(element, depth: depth + 1) }
    case .map:
      let count = try varint()
      guard count <= UInt64(bytes.count - position) else { throw failure("a map is longer than what is left") }
      if count > 0 {
        let kinds = try nextByte()
        guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 15) else {
          throw failure("a map holds values of no known kind")
        }
        // Neither takes a byte, so that such a map has no end but its count.
        guard key != .stop, value != .stop else { throw failure("a map holds values of no kind") }
        for _ in 0..<count {
          try skipElement(key, depth: depth + 1)
          try skipElement(value, depth: depth + 1)
        }
      }
    case .structure:
      try structure(depth: depth + 1) { (_, _, _) throws(DataError) in false }
    }
  }

  /// In collections a Boolean takes a byte; in fields its kind is its value.
  private mutating func skipElement(_ kind: Kind, depth: Int) throws(DataError) {
    if kind == .yes || kind == .no { try skipBytes(1) } else { try skip(kind, depth: depth) }
  }

  private mutating func skipBytes(_ count: Int) throws(DataError) {
    guard count <= bytes.count - position else { throw failure("its metadata ends inside a value", .truncated) }
    position += count
  }
}
