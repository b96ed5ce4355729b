/// Numbers of the ZIP format (PKWARE's APPNOTE 6.3.9), as far as archives of tensors use it.
enum ZipFormat {
  static let localSignature: UInt32 = 0x0403_4B50
  static let centralSignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locator64Signature: UInt32 = 0x0706_4B50

  /// Bytes of each record without its name, extra fields and comment.
  static let localByteCount = 30
  static let centralByteCount = 46
  static let endByteCount = 22
  static let end64ByteCount = 56
  static let locator64ByteCount = 20

  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
  static let encryptedFlag: UInt16 = 1
  static let utf8Flag: UInt16 = 1 << 11
  /// The extra field with the 64-bit lengths.
  static let extra64: UInt16 = 1
  /// What stands in a 32-bit field whose value is in the extra field, and the first value that needs one.
  static let saturated: UInt32 = 0xFFFF_FFFF
  static let saturatedCount: UInt16 = 0xFFFF
  /// 1980-01-01, the format's first day: archives of the same tensors are the same bytes whenever they are written.
  static let date: UInt16 = 0x21
  static let version: UInt16 = 20
  static let version64: UInt16 = 45
}

/// Numbers out of bytes, little-endian, after a comparison with the end.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// How many bytes are left.
  var remaining: Int { bytes.count - position }

  /// The next number; `nil` at the end.
  mutating func next<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type = Number.self) -> Number? {
    guard position >= 0, remaining >= MemoryLayout<Number>.size else { return nil }
    defer { position += MemoryLayout<Number>.size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: type))
  }

  /// The next `count` bytes; `nil` when there are fewer.
  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard position >= 0, count >= 0, remaining >= count else { return nil }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }
}

extension [UInt8] {
  /// Appends a number, little-endian.
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
