/// Parquet's DELTA_BINARY_PACKED: differences in blocks of bit-packed miniblocks.
struct DeltaReader {
  private var position: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private let miniblockSize: Int
  private let miniblockCount: Int
  /// Values that were not given yet.
  private(set) var remaining: Int
  private var last: Int64
  private var isFirst = true
  private var smallest: Int64 = 0
  /// Where the present block's widths are, and which miniblock is next.
  private var widths: UnsafeRawPointer
  private var miniblock: Int
  /// The present miniblock.
  private var packed: UnsafeRawPointer
  private var packedByteCount = 0
  private var width = 0
  private var used: Int

  /// A block larger than this is no block that a writer makes.
  private static let largestBlock = 1 << 20

  init(_ bytes: UnsafeRawBufferPointer) throws(PageTrouble) {
    guard let base = bytes.baseAddress else { throw .ends }
    position = base
    end = base + bytes.count
    packed = base
    widths = base
    let blockSize = try DeltaReader.varint(&position, end)
    let count = try DeltaReader.varint(&position, end)
    let total = try DeltaReader.varint(&position, end)
    guard count > 0, blockSize <= UInt64(DeltaReader.largestBlock), count <= blockSize, blockSize % count == 0,
      blockSize / count % 8 == 0, total <= UInt64(Int32.max)
    else { throw PageTrouble("delta encoding with blocks of \(blockSize) values in \(count) parts is not possible") }
    miniblockCount = Int(count)
    miniblockSize = Int(blockSize / count)
    remaining = Int(total)
    last = DeltaReader.zigzag(try DeltaReader.varint(&position, end))
    miniblock = miniblockCount
    used = miniblockSize
  }

  private static func zigzag(_ word: UInt64) -> Int64 { Int64(bitPattern: word >> 1) ^ -Int64(word & 1) }

  private static func varint(_ position: inout UnsafeRawPointer, _ end: UnsafeRawPointer) throws(PageTrouble) -> UInt64
  {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end, shift < 70 else { throw .ends }
      let byte = position.load(as: UInt8.self)
      position += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  private mutating func nextMiniblock() throws(PageTrouble) {
    if miniblock == miniblockCount {
      smallest = DeltaReader.zigzag(try DeltaReader.varint(&position, end))
      guard end - position >= miniblockCount else { throw .ends }
      widths = position
      position += miniblockCount
      miniblock = 0
    }
    width = Int(widths.load(fromByteOffset: miniblock, as: UInt8.self))
    guard width <= 64 else { throw PageTrouble("differences of \(width) bits are not possible") }
    let byteCount = width * miniblockSize / 8
    let needed = (width * min(miniblockSize, remaining) + 7) / 8
    guard end - position >= needed else { throw .ends }
    packed = position
    packedByteCount = min(byteCount, end - position)
    position += packedByteCount
    miniblock += 1
    used = 0
  }

  /// Gives the next `count` values to `body`, in pieces that it has to use at once.
  mutating func read(_ count: Int, _ body: (UnsafeBufferPointer<Int64>) throws(PageTrouble) -> Void) throws(PageTrouble)
  {
    guard count <= remaining else { throw .ends }
    let capacity = 256
    let scratch = UnsafeMutablePointer<Int64>.allocate(capacity: capacity)
    defer { scratch.deallocate() }
    var left = count
    while left > 0 {
      var step: Int
      if isFirst {
        scratch[0] = last
        isFirst = false
        step = 1
      } else {
        if used == miniblockSize { try nextMiniblock() }
        step = min(left, miniblockSize - used, capacity)
        BitUnpacking.unpack(
          packed, byteCount: packedByteCount, bit: used * width, width: width, count: step, to: scratch)
        var value = last
        let base = smallest
        for index in 0..<step {
          value = value &+ base &+ scratch[index]
          scratch[index] = value
        }
        last = value
        used += step
      }
      left -= step
      remaining -= step
      try body(UnsafeBufferPointer(start: scratch, count: step))
    }
  }

  /// Where the bytes after all values begin.
  func endPosition() throws(PageTrouble) -> UnsafeRawPointer {
    var copy = self
    var left = remaining - 1
    while left > 0 {
      copy.remaining = left
      try copy.nextMiniblock()
      left -= copy.miniblockSize
    }
    // The rest of the last block has no bytes, whatever its widths say.
    return copy.position
  }
}
