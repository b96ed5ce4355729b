import CDeepSeekKernels

/// A CRC-32C as TensorFlow's files store it: turned and shifted, so that bytes that hold checksums do not look like their
/// own.
package struct MaskedChecksum {
  private var checksum: UInt32 = 0

  /// Of no bytes.
  package init() {}

  /// Goes on with more bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    checksum = ds_crc32c(checksum, bytes.baseAddress, bytes.count)
  }

  /// Goes on with a number, little-endian.
  package mutating func add(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { add($0) }
  }

  /// As it is stored.
  package var masked: UInt32 { (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8 }

  /// That of some bytes, as it is stored.
  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = MaskedChecksum()
    checksum.add(bytes)
    return checksum.masked
  }

  /// That of a number, as it is stored.
  package static func of(_ number: some FixedWidthInteger) -> UInt32 {
    var checksum = MaskedChecksum()
    checksum.add(number)
    return checksum.masked
  }
}
