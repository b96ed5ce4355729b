/// Lower case by scalar, without regard to context, as the reference has it (a capital sigma always becomes σ).
enum LowercaseTable {
  /// The lower case of every scalar of the basic plane.
  private static let basicPlane: [UInt16] = (0..<0x10000).map { index in
    guard let scalar = Unicode.Scalar(UInt32(index)), scalar.properties.changesWhenLowercased else {
      return UInt16(index)
    }
    let mapping = scalar.properties.lowercaseMapping.unicodeScalars
    return UInt16(truncatingIfNeeded: mapping.first?.value ?? UInt32(index))
  }

  /// The one scalar whose lower case is two: İ gives i and a combining dot above.
  static let dottedCapitalI: UInt32 = 0x130
  static let combiningDotAbove: UInt32 = 0x307

  /// The first scalar of the lower case.
  @inline(__always)
  static func lowercase(_ value: UInt32) -> UInt32 {
    if value < 0x80 { return value &- 0x41 < 26 ? value | 0x20 : value }
    if value < 0x10000 { return UInt32(basicPlane[Int(value)]) }
    guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenLowercased else { return value }
    return scalar.properties.lowercaseMapping.unicodeScalars.first?.value ?? value
  }
}

extension AlignedText {
  /// Brings the text to lower case.
  mutating func lowercase() {
    if isASCII {
      for index in bytes.indices where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
      return
    }
    rewrite { rewriter, source in
      var index = 0
      while index < source.count {
        let (value, width) = scalar(source, index)
        rewriter.put(LowercaseTable.lowercase(value), change: 0)
        if value == LowercaseTable.dottedCapitalI { rewriter.put(LowercaseTable.combiningDotAbove, change: 1) }
        index += width
      }
    }
  }
}
