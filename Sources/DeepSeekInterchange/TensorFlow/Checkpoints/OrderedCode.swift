/// The keys of a checkpoint's parts of tensors: name and extents written so that bytes sort as they do
/// (tensorflow/core/lib/strings/ordered_code.h, util/saved_tensor_slice_util.h).
enum OrderedCode {
  /// The key of a part: where it begins on each axis and how long it is; -1 stands for all of the axis.
  static func key(_ name: String, _ extents: [(start: Int, length: Int)]) -> [UInt8] {
    var bytes = number(0) + string(name) + number(extents.count)
    for extent in extents { bytes += signed(extent.start) + signed(extent.length) }
    return bytes
  }

  /// The count of its bytes, and the number without leading zeros, most significant byte first.
  static func number(_ number: Int) -> [UInt8] {
    let bytes = withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0.drop { $0 == 0 }) }
    return [UInt8(bytes.count)] + bytes
  }

  /// Zeros and 255 are escaped; 0, 1 ends it.
  static func string(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      bytes.append(byte)
      if byte == 0 { bytes.append(0xFF) } else if byte == 0xFF { bytes.append(0) }
    }
    return bytes + [0, 1]
  }

  /// Seven bits in the first byte and each further one; as many leading ones as there are bytes, flipped for negatives.
  static func signed(_ number: Int) -> [UInt8] {
    let magnitude = UInt64(bitPattern: Int64(number < 0 ? ~number : number))
    let bits = 64 - magnitude.leadingZeroBitCount
    let length = bits / 7 + 1
    if length == 1 { return [0x80 ^ UInt8(truncatingIfNeeded: number)] }
    let sign: UInt8 = number < 0 ? 0xFF : 0
    var bytes = [sign, sign] + withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) }
    bytes.removeFirst(bytes.count - length)
    // Ten bytes have ten ones, of which two stand in the second byte.
    bytes[0] ^= length >= 8 ? 0xFF : ~(0xFF >> UInt8(length))
    if length > 8 { bytes[1] ^= length == 9 ? 0x80 : 0xC0 }
    return bytes
  }
}
