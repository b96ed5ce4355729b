/// Writes the protocol buffers' wire format; see ``WireReader``.
package struct WireWriter {
  /// What has been written.
  package private(set) var bytes: [UInt8] = []

  /// An empty message.
  package init() {}

  /// A number of one to ten bytes, without a field.
  package mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func tag(_ field: Int, _ kind: WireReader.Kind) {
    varint(UInt64(field) << 3 | UInt64(kind.rawValue))
  }

  /// A field that holds an integer.
  package mutating func integer(_ field: Int, _ number: Int) {
    tag(field, .varint)
    varint(UInt64(bitPattern: Int64(number)))
  }

  /// A field that holds a `float`.
  package mutating func float(_ field: Int, _ number: Float) {
    tag(field, .fixed32)
    fixed(number.bitPattern)
  }

  /// A field that holds a `double`.
  package mutating func double(_ field: Int, _ number: Double) {
    tag(field, .fixed64)
    fixed(number.bitPattern)
  }

  /// A number in its full width, little-endian, without a field.
  package mutating func fixed<Word: FixedWidthInteger>(_ word: Word) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A field that holds bytes.
  package mutating func bytes(_ field: Int, _ content: some Collection<UInt8>) {
    tag(field, .bytes)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  /// A field that holds a string.
  package mutating func string(_ field: Int, _ text: String) { bytes(field, Array(text.utf8)) }

  /// A field that holds a message.
  package mutating func message(_ field: Int, _ write: (inout WireWriter) -> Void) {
    var inner = WireWriter()
    write(&inner)
    bytes(field, inner.bytes)
  }

  /// A field that holds many `double`, packed.
  package mutating func doubles(_ field: Int, _ numbers: [Double]) {
    message(field) { inner in
      for number in numbers { inner.fixed(number.bitPattern) }
    }
  }
}
