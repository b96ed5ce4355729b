/// A hash of short byte strings: eight bytes at a time, folded multiplication (after wyhash).
@inline(__always)
func byteHash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
  let raw = UnsafeRawPointer(bytes)
  var index = 0
  while index + 8 <= count {
    state = fold(state ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    index += 8
  }
  if index + 4 <= count {
    state = fold(state ^ UInt64(raw.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
    index += 4
  }
  var rest: UInt64 = 0
  while index < count {
    rest = rest << 8 | UInt64(bytes[index])
    index += 1
  }
  return fold(state ^ rest ^ 0xA076_1D64_78BD_642F)
}

@inline(__always)
private func fold(_ value: UInt64) -> UInt64 {
  let product = value.multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
  return product.high ^ product.low
}
