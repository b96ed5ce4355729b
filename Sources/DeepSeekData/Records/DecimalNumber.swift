/// An exact decimal number: a whole number of up to 256 bits, divided by a power of ten.
public struct DecimalNumber: Sendable, Hashable, CustomStringConvertible {
  /// The whole number in two's complement, most significant byte first, without needless bytes in front.
  public let unscaled: [UInt8]
  /// How many digits stand after the point; negative when zeros follow the last digit.
  public let scale: Int

  /// `unscaled` divided by 10 to the power of `scale`, from two's complement with the most significant byte first.
  public init(bigEndian unscaled: some Collection<UInt8>, scale: Int) {
    var bytes = Array(unscaled)
    if bytes.isEmpty { bytes = [0] }
    var first = 0
    while first + 1 < bytes.count {
      let isSignOnly = bytes[first] == 0 && bytes[first + 1] < 128 || bytes[first] == 255 && bytes[first + 1] >= 128
      if !isSignOnly { break }
      first += 1
    }
    self.unscaled = Array(bytes[first...])
    self.scale = scale
  }

  /// A whole number divided by 10 to the power of `scale`.
  public init(_ unscaled: Int, scale: Int) {
    self.init(bigEndian: withUnsafeBytes(of: unscaled.bigEndian) { Array($0) }, scale: scale)
  }

  /// The exact digits, such as `-12.50`.
  public var description: String {
    var (digits, isNegative) = magnitude()
    if scale > 0 {
      if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
      let point = digits.index(digits.endIndex, offsetBy: -scale)
      digits = digits[..<point] + "." + digits[point...]
    } else if scale < 0 && digits != "0" {
      digits += String(repeating: "0", count: -scale)
    }
    return isNegative ? "-" + digits : digits
  }

  /// The nearest double.
  public var double: Double { Double(description) ?? .nan }

  private func magnitude() -> (digits: String, isNegative: Bool) {
    let isNegative = unscaled[0] >= 128
    var bytes = unscaled
    if isNegative {
      var carry = true
      for index in bytes.indices.reversed() {
        bytes[index] = ~bytes[index]
        if carry { (bytes[index], carry) = bytes[index].addingReportingOverflow(1) }
      }
      if carry { bytes.insert(1, at: 0) }
    }
    var digits: [UInt8] = []
    while bytes.contains(where: { $0 != 0 }) {
      var remainder = 0
      for index in bytes.indices {
        let value = remainder << 8 | Int(bytes[index])
        bytes[index] = UInt8(value / 10)
        remainder = value % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(remainder))
    }
    return (digits.isEmpty ? "0" : String(decoding: digits.reversed(), as: UTF8.self), isNegative)
  }
}
