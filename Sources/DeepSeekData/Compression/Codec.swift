import CZlib
import DeepSeekTensor

/// The compressions that columnar files use.
enum Codec: String, Sendable, CaseIterable {
  case none, snappy, gzip, brotli, lz4, lz4Hadoop, lz4Frame, zstd

  /// The most bytes that one compressed byte can stand for; so much a file may ask memory for.
  private var largestRatio: Int {
    switch self {
    case .none: 1
    // A copy of 64 bytes takes three.
    case .snappy: 64
    // RFC 1951: 258 bytes in two bits.
    case .gzip: 1032
    // A length is continued by bytes that each count 255.
    case .lz4, .lz4Hadoop, .lz4Frame: 256
    // Blocks of up to 128 KiB (zstd) or 16 MiB (brotli) of one byte take a few bytes.
    case .zstd: 1 << 16
    case .brotli: 1 << 22
    }
  }

  /// The contents of `input`, which must be `byteCount` bytes. Nothing is allocated that `input` could not fill.
  func decompress(_ input: Bytes, byteCount: Int, file: String, item: String?) throws(DataError) -> Bytes {
    if self == .none {
      guard byteCount == input.count else {
        throw DataError(
          .malformed, file: file, item: item, "\(input.count) bytes are stored, and said to be \(byteCount)",
          advice: DataError.writeAgain)
      }
      return input
    }
    if byteCount == 0 { return .empty }
    guard byteCount > 0, byteCount / largestRatio <= input.count else {
      throw DataError(
        .malformed, file: file, item: item,
        "\(input.count) bytes of \(rawValue) cannot hold the \(byteCount) that they are said to",
        advice: DataError.writeAgain)
    }
    try DataLimit.check(byteCount, file: file, item: item)
    let output = Storage(byteCount: byteCount)
    let target = UnsafeMutableRawBufferPointer(start: output.pointer, count: byteCount)
    let isWhole: Bool
    switch self {
    case .none: isWhole = true
    case .snappy: isWhole = Snappy.decompress(input.buffer, into: target)
    case .gzip: isWhole = Gzip.decompress(input.buffer, into: target)
    case .lz4: isWhole = try LZ4.library().decompressBlock(input.buffer, into: target)
    case .lz4Hadoop: isWhole = try LZ4.library().decompressHadoop(input.buffer, into: target)
    case .lz4Frame: isWhole = try LZ4.library().decompressFrame(input.buffer, into: target)
    case .zstd: isWhole = try Zstandard.library().decompress(input.buffer, into: target)
    case .brotli: isWhole = try Brotli.library().decompress(input.buffer, into: target)
    }
    guard isWhole else {
      throw DataError(
        .malformed, file: file, item: item,
        "\(input.count) bytes of \(rawValue) are damaged, or not \(byteCount) bytes",
        advice: DataError.downloadAgain)
    }
    return Bytes(storage: output, offset: 0, count: byteCount)
  }
}

/// gzip and zlib streams, also several in a row, by zlib.
enum Gzip {
  /// Whether `input` gave exactly as many bytes as `target` has.
  static func decompress(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
    guard input.count < 1 << 31, target.count < 1 << 31, let source = input.baseAddress else { return false }
    var stream = z_stream()
    // 32 more than the window's bits: the header says whether it is gzip or zlib.
    let detectHeader = MAX_WBITS + 32
    return withUnsafeMutablePointer(to: &stream) { stream in
      guard inflateInit2_(stream, detectHeader, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        return false
      }
      defer { inflateEnd(stream) }
      stream.pointee.next_in = UnsafeMutablePointer(mutating: source.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(input.count)
      stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(target.count)
      while true {
        let status = inflate(stream, Z_FINISH)
        guard status == Z_STREAM_END else { return false }
        if stream.pointee.avail_in == 0 { return stream.pointee.avail_out == 0 }
        guard inflateReset(stream) == Z_OK else { return false }
      }
    }
  }

  /// CRC-32 as gzip and Parquet's pages have it.
  static func checksum(_ bytes: UnsafeRawBufferPointer, continuing checksum: UInt = 0) -> UInt {
    guard let base = bytes.baseAddress else { return checksum }
    return UInt(crc32_z(uLong(checksum), base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
