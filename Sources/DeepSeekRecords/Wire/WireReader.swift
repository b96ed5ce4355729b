/// Reads the protocol buffers' wire format (https://protobuf.dev/programming-guides/encoding) field by field, for messages so
/// small or so many that a generated type for each would cost more than it gives.
///
/// Every length is checked against the bytes that are there before it is used. The bytes must outlive the reader.
package struct WireReader {
  /// How a field's content is written.
  package enum Kind: UInt8, Sendable {
    /// A number of one to ten bytes.
    case varint = 0
    /// Eight bytes.
    case fixed64 = 1
    /// A length, and so many bytes.
    case bytes = 2
    /// Four bytes.
    case fixed32 = 5
  }

  /// What is wrong, and at which byte, counted as ``position`` is.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The byte.
    package let offset: Int
    /// What is wrong.
    package let message: String

    /// `byte 12: …`.
    package var description: String { "byte \(offset): \(message)" }
  }

  private let all: UnsafeRawBufferPointer
  private let end: Int
  /// The next byte to read, counted from the beginning of the outermost message.
  package private(set) var position: Int

  /// A reader of one message.
  package init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, 0..<bytes.count) }

  private init(_ all: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.all = all
    position = range.lowerBound
    end = range.upperBound
  }

  /// Whether all has been read.
  package var isAtEnd: Bool { position >= end }

  /// How many bytes are left.
  package var remaining: Int { end - position }

  private func failure(_ message: String) -> Failure { Failure(offset: position, message: message) }

  /// The number and kind of the next field; `nil` at the end.
  package mutating func field() throws -> (number: Int, kind: Kind)? {
    if isAtEnd { return nil }
    let start = position
    let tag = try varint()
    guard let kind = Kind(rawValue: UInt8(tag & 7)), tag >> 3 > 0, tag >> 3 < 1 << 29 else {
      throw Failure(offset: start, message: "\(tag) is not the tag of a field")
    }
    return (Int(tag >> 3), kind)
  }

  /// A number of one to ten bytes.
  package mutating func varint() throws -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = all[position]
      position += 1
      if shift == 63 && byte > 1 { throw failure("a number has more than 64 bits") }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
      if shift > 63 { throw failure("a number has more than ten bytes") }
    }
    throw failure("it ends inside a number")
  }

  /// A signed number, as `int64` and `int32` are written.
  package mutating func integer() throws -> Int { Int(truncatingIfNeeded: try varint()) }

  /// Four bytes as a number.
  package mutating func fixed32() throws -> UInt32 {
    guard remaining >= 4 else { throw failure("it ends inside a number of four bytes") }
    defer { position += 4 }
    return UInt32(littleEndian: all.loadUnaligned(fromByteOffset: position, as: UInt32.self))
  }

  /// Eight bytes as a number.
  package mutating func fixed64() throws -> UInt64 {
    guard remaining >= 8 else { throw failure("it ends inside a number of eight bytes") }
    defer { position += 8 }
    return UInt64(littleEndian: all.loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  /// The bytes of a string, of a message or of packed numbers.
  package mutating func bytes() throws -> UnsafeRawBufferPointer {
    let range = try range()
    return UnsafeRawBufferPointer(rebasing: all[range])
  }

  /// So many bytes.
  package mutating func bytes(count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else { throw failure("\(count) bytes are announced, \(remaining) are there") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: all[position..<position + count])
  }

  /// Passes over so many bytes.
  package mutating func skip(byteCount: Int) throws { _ = try bytes(count: byteCount) }

  /// A string; what is not UTF-8 is replaced.
  package mutating func string() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

  /// A reader of the message that comes next, whose positions count on.
  package mutating func message() throws -> WireReader { WireReader(all, try range()) }

  private mutating func range() throws -> Range<Int> {
    let start = position
    let length = try varint()
    guard length <= UInt64(remaining) else {
      throw Failure(offset: start, message: "\(length) bytes are announced, \(remaining) are there")
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  /// Passes over a field's content.
  package mutating func skip(_ kind: Kind) throws {
    switch kind {
    case .varint: _ = try varint()
    case .fixed64: _ = try fixed64()
    case .fixed32: _ = try fixed32()
    case .bytes: _ = try range()
    }
  }

  /// Checks that the field at hand is written as `expected`.
  package func expect(_ expected: Kind, _ kind: Kind, field number: Int) throws {
    guard kind == expected else { throw failure("field \(number) is written as \(kind), \(expected) is expected") }
  }
}
