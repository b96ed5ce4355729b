/// 16-bit floats (IEEE 754 binary16) by their bits, for machines whose Swift lacks `Float16`.
enum HalfFloat {
  /// The exact value of a half.
  @inline(__always)
  static func value(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF)
    let sign = UInt32(bits & 0x8000) << 16
    // In a float's place the exponent is 112 too low; a product mends it and makes subnormals normal.
    let scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
    let special = magnitude << 13 | 0x7F80_0000
    return Float(bitPattern: (magnitude >= 0x7C00 ? special : scaled) | sign)
  }
}
