/// Reading and writing single scalars in UTF-8 that is known to be valid (it comes from a `String`).
@inline(__always)
func utf8Width(_ lead: UInt8) -> Int {
  lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
}

/// The scalar that begins at `index`, and its width in bytes.
@inline(__always)
func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (value: UInt32, width: Int) {
  let lead = bytes[index]
  if lead < 0x80 { return (UInt32(lead), 1) }
  let second = UInt32(bytes[index + 1] & 0x3F)
  if lead < 0xE0 { return (UInt32(lead & 0x1F) << 6 | second, 2) }
  let third = UInt32(bytes[index + 2] & 0x3F)
  if lead < 0xF0 { return (UInt32(lead & 0x0F) << 12 | second << 6 | third, 3) }
  return (UInt32(lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[index + 3] & 0x3F), 4)
}

/// The scalar that ends before `index`, which is not 0, and its width in bytes.
@inline(__always)
func scalarBefore(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (value: UInt32, width: Int) {
  var start = index - 1
  while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
  return scalar(bytes, start)
}

/// How many bytes a scalar takes in UTF-8.
@inline(__always)
func utf8Count(_ value: UInt32) -> Int {
  value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4
}

extension Array where Element == UInt8 {
  /// Appends a scalar as UTF-8.
  @inline(__always)
  mutating func append(scalar value: UInt32) {
    if value < 0x80 {
      append(UInt8(truncatingIfNeeded: value))
    } else if value < 0x800 {
      append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
      append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    } else {
      if value < 0x10000 {
        append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
      } else {
        append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
        append(UInt8(truncatingIfNeeded: 0x80 | (value >> 12) & 0x3F))
      }
      append(UInt8(truncatingIfNeeded: 0x80 | (value >> 6) & 0x3F))
      append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    }
  }
}
