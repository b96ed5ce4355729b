/// Numbers of so many bits each, one after another from the least significant bit.
enum BitUnpacking {
  /// Writes `count` numbers of `width` bits, from bit `bit` of `source` on, to `target`. All of them must lie in the
  /// `byteCount` bytes of the source; `width` is at most 64.
  @inline(__always)
  static func unpack<Word: FixedWidthInteger>(
    _ source: UnsafeRawPointer, byteCount: Int, bit: Int, width: Int, count: Int, to target: UnsafeMutablePointer<Word>
  ) {
    if width == 0 {
      target.update(repeating: 0, count: count)
      return
    }
    let mask: UInt64 = width == 64 ? .max : (1 << UInt64(width)) &- 1
    var position = bit
    var index = 0
    if width <= 57 {
      // One load of eight bytes holds the number wherever it begins in its first byte.
      let safe = byteCount &- 8
      while index < count && position &>> 3 <= safe {
        let word = source.loadUnaligned(fromByteOffset: position &>> 3, as: UInt64.self)
        target[index] = Word(truncatingIfNeeded: word &>> UInt64(position & 7) & mask)
        position &+= width
        index &+= 1
      }
    }
    while index < count {
      var word: UInt64 = 0
      var filled = 0
      while filled < width {
        let byte = UInt64(source.load(fromByteOffset: position >> 3, as: UInt8.self)) >> UInt64(position & 7)
        let taken = min(8 - position & 7, width - filled)
        word |= (byte & ((1 << UInt64(taken)) - 1)) << UInt64(filled)
        filled += taken
        position += taken
      }
      target[index] = Word(truncatingIfNeeded: word & mask)
      index += 1
    }
  }
}

/// Why a page cannot be decoded; the reader of the column adds file and place.
struct PageTrouble: Error {
  let message: String

  init(_ message: String) { self.message = message }

  static let ends = PageTrouble("a page ends inside its values")
}

/// Parquet's hybrid of runs and bit-packed groups, for levels, dictionary indices and Booleans.
struct HybridReader {
  private var position: UnsafeRawPointer
  private var end: UnsafeRawPointer
  private let width: Int
  /// Values left of a run, and what they are.
  private var runCount = 0
  private var runValue: UInt32 = 0
  /// Values left of bit-packed groups, which begin at `packed`, and the bit of the next.
  private var packedCount = 0
  private var packed: UnsafeRawPointer
  private var packedByteCount = 0
  private var packedBit = 0

  /// Over bytes that the caller keeps alive.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(PageTrouble) {
    guard (0...32).contains(width) else { throw PageTrouble("indices of \(width) bits are not possible") }
    guard let base = bytes.baseAddress else { throw .ends }
    position = base
    end = base + bytes.count
    packed = base
    self.width = width
  }

  private mutating func nextRun() throws(PageTrouble) {
    var head: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end, shift < 35 else { throw .ends }
      let byte = position.load(as: UInt8.self)
      position += 1
      head |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    let count = Int(head >> 1)
    if head & 1 == 1 {
      // Groups of eight values take `width` bytes each. The last may be cut short by what the page needs.
      packedByteCount = min(count * width, end - position)
      packed = position
      packedBit = 0
      packedCount = width == 0 ? count * 8 : min(count * 8, packedByteCount * 8 / width)
      position += packedByteCount
    } else {
      let bytes = (width + 7) / 8
      guard end - position >= bytes else { throw .ends }
      runValue = 0
      for index in 0..<bytes {
        runValue |= UInt32(position.load(fromByteOffset: index, as: UInt8.self)) << UInt32(8 * index)
      }
      // Bits beyond the width have no meaning.
      if width < 32 { runValue &= (1 << UInt32(width)) - 1 }
      position += bytes
      runCount = count
    }
  }

  /// Writes the next `count` values.
  @inline(__always)
  mutating func read<Word: FixedWidthInteger>(
    _ count: Int, to target: UnsafeMutablePointer<Word>
  ) throws(PageTrouble) {
    var done = 0
    while done < count {
      if runCount > 0 {
        let step = min(runCount, count - done)
        (target + done).update(repeating: Word(truncatingIfNeeded: runValue), count: step)
        runCount -= step
        done += step
      } else if packedCount > 0 {
        let step = min(packedCount, count - done)
        BitUnpacking.unpack(
          packed, byteCount: packedByteCount, bit: packedBit, width: width, count: step, to: target + done)
        packedBit += step * width
        packedCount -= step
        done += step
      } else {
        try nextRun()
      }
    }
  }
}
