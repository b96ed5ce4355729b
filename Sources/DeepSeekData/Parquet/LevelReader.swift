/// Reads a page's definition or repetition levels.
enum LevelReader {
  /// Runs and bit-packed groups, which all writers of today write.
  case hybrid(HybridReader)
  /// Bits alone, as the format's first writers had them.
  case packed(PackedLevels)

  /// Writes the next `count` levels.
  mutating func read(_ count: Int, to target: UnsafeMutablePointer<UInt8>) throws(PageTrouble) {
    switch self {
    case .hybrid(var reader):
      try reader.read(count, to: target)
      self = .hybrid(reader)
    case .packed(var reader):
      try reader.read(count, to: target)
      self = .packed(reader)
    }
  }
}

/// Levels of so many bits each, one after another from each byte's most significant bit on: Parquet's deprecated encoding
/// BIT_PACKED. Nothing says how many bytes there are; it follows from the page's number of entries.
struct PackedLevels {
  private let bytes: UnsafeRawBufferPointer
  private let width: Int
  private var bit = 0

  /// Of `bytes`, which the caller keeps alive, those that `count` levels of `width` bits take; `width` is from 1 to 8.
  init(_ bytes: UnsafeRawBufferPointer, width: Int, count: Int) throws(PageTrouble) {
    let (bits, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, bits <= bytes.count * 8 else { throw .ends }
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix((bits + 7) / 8))
    self.width = width
  }

  /// How many bytes the levels take.
  var byteCount: Int { bytes.count }

  /// Writes the next `count` levels.
  mutating func read(_ count: Int, to target: UnsafeMutablePointer<UInt8>) throws(PageTrouble) {
    guard count <= (bytes.count * 8 - bit) / width else { throw .ends }
    let mask: UInt16 = 1 << UInt16(width) - 1
    for index in 0..<count {
      // Two bytes hold a level wherever it begins in the first.
      let place = bit >> 3
      let next = place + 1 < bytes.count ? UInt16(bytes[place + 1]) : 0
      let word = UInt16(bytes[place]) << 8 | next
      target[index] = UInt8(truncatingIfNeeded: word >> UInt16(16 - bit & 7 - width) & mask)
      bit += width
    }
  }
}
