/// The checksums of HDF5: of its structures, and of chunks under the Fletcher filter.
enum HDF5Checksum {
  /// Bob Jenkins's lookup3 hash with the initial value 0, byte by byte.
  static func lookup3(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt32 {
    var rest = bytes[...]
    var a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var (b, c) = (a, a)
    while rest.count > 12 {
      a &+= word(rest, 0)
      b &+= word(rest, 4)
      c &+= word(rest, 8)
      mix(&a, &b, &c)
      rest = rest.dropFirst(12)
    }
    if rest.isEmpty { return c }
    a &+= word(rest, 0)
    b &+= word(rest, 4)
    c &+= word(rest, 8)
    finish(&a, &b, &c)
    return c
  }

  /// Four bytes, little-endian; those beyond the end are zero.
  private static func word(_ bytes: Slice<UnsafeRawBufferPointer>, _ offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<4 where offset + index < bytes.count {
      value |= UInt32(bytes[bytes.startIndex + offset + index]) << UInt32(8 * index)
    }
    return value
  }

  private static func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }

  private static func mix(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    // The three change places after each step, and stand where they were after six.
    for turn: UInt32 in [4, 6, 8, 16, 19, 4] {
      a = (a &- c) ^ rotated(c, turn)
      c &+= b
      (a, b, c) = (b, c, a)
    }
  }

  private static func finish(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32) {
    for turn: UInt32 in [14, 11, 25, 16, 4, 14, 24] {
      c = (c ^ b) &- rotated(b, turn)
      (a, b, c) = (b, c, a)
    }
    // Seven steps: what was last now stands second.
    c = b
  }

  /// Fletcher's sum of big-endian 16-bit words, as HDF5 has it: an odd last byte is the upper half of a word.
  static func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    // Ones' complement: a sum that is not zero is never folded to zero.
    func folded(_ sum: UInt64) -> UInt64 { sum == 0 ? 0 : (sum - 1) % 65535 + 1 }
    var (first, second): (UInt64, UInt64) = (0, 0)
    var index = 0
    while index < bytes.count {
      let low = index + 1 < bytes.count ? UInt64(bytes[index + 1]) : 0
      first = folded(first + UInt64(bytes[index]) << 8 + low)
      second = folded(second + first)
      index += 2
    }
    return UInt32(second) << 16 | UInt32(first)
  }
}
