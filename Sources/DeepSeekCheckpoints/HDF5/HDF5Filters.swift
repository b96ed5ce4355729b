import CZlib

/// What was done to the bytes of chunks when they were written, to be undone from the last to the first.
struct HDF5Filters: Sendable {
  private enum Filter: Sendable {
    case deflate
    case shuffle(elementByteCount: Int)
    case fletcher32
  }

  private let filters: [Filter]

  /// A pipeline's message.
  init(_ body: HDF5Cursor) throws {
    var cursor = body
    let version = try cursor.version(1...2)
    let count = try cursor.byte()
    if version == 1 { try cursor.skip(6) }
    var filters: [Filter] = []
    for _ in 0..<count {
      let start = cursor.position
      let number = try cursor.short()
      let nameCount = version == 1 || number >= 256 ? try cursor.short() : 0
      try cursor.skip(2)
      let valueCount = try cursor.short()
      try cursor.skip(version == 1 ? (nameCount + 7) / 8 * 8 : nameCount)
      var values: [Int] = []
      for _ in 0..<valueCount { values.append(try cursor.word()) }
      if version == 1 && valueCount % 2 == 1 { try cursor.skip(4) }
      switch number {
      case 1: filters.append(.deflate)
      case 2:
        guard let size = values.first, size > 0 else {
          throw cursor.format.failure(at: start, "the shuffle filter does not say how long an element is")
        }
        filters.append(.shuffle(elementByteCount: size))
      case 3: filters.append(.fletcher32)
      default:
        throw cursor.format.failure(
          .unsupported, at: start, "filter \(number) is not supported; deflate, shuffle and fletcher32 are",
          advice: "write the file with compression='gzip' or none")
      }
    }
    self.filters = filters
  }

  /// Whether chunks may be shorter in the file than in memory.
  var isCompressed: Bool { filters.contains { if case .deflate = $0 { true } else { false } } }

  /// The chunk that was stored so, which has `byteCount` bytes. A filter whose bit is set in `mask` was left out.
  func undone(_ stored: UnsafeRawBufferPointer, mask: Int, byteCount: Int) throws(Failure) -> [UInt8] {
    var bytes = Array(stored)
    for (index, filter) in filters.enumerated().reversed() where mask >> index & 1 == 0 {
      switch filter {
      case .deflate:
        // A checksum may follow what is compressed.
        bytes = try HDF5Filters.inflated(bytes, limit: byteCount + 4)
      case .shuffle(let size): bytes = HDF5Filters.unshuffled(bytes, size)
      case .fletcher32:
        guard bytes.count >= 4 else { throw Failure(message: "it is too short for its checksum") }
        let body = bytes.count - 4
        let stated = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[body + $1]) << UInt32(8 * $1) }
        let computed = bytes[..<body].withUnsafeBytes { HDF5Checksum.fletcher32($0) }
        guard stated == computed else { throw Failure(message: "it does not have the checksum written with it") }
        bytes.removeLast(4)
      }
    }
    guard bytes.count == byteCount else { throw Failure(message: "it has \(bytes.count) bytes, not \(byteCount)") }
    return bytes
  }

  /// What is wrong with a chunk.
  struct Failure: Error {
    let message: String
  }

  private static func inflated(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: limit)
    var length = uLongf(limit)
    let status = result.withUnsafeMutableBufferPointer { target in
      bytes.withUnsafeBufferPointer { uncompress(target.baseAddress, &length, $0.baseAddress, uLong($0.count)) }
    }
    guard status == Z_OK else { throw Failure(message: "its compressed bytes are damaged, or give more than it holds") }
    result.removeLast(limit - Int(length))
    return result
  }

  /// First bytes of all elements came first, then second ones, and so on; what is left over at the end stays.
  private static func unshuffled(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
    let count = bytes.count / size
    guard size > 1, count > 1 else { return bytes }
    var result = bytes
    for part in 0..<size {
      for element in 0..<count { result[element * size + part] = bytes[part * count + element] }
    }
    return result
  }
}
