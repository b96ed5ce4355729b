import CZlib

/// Writes a ZIP archive into an atomic file, one member after another.
final class ZipWriter {
  private struct Entry {
    let name: [UInt8]
    let method: UInt16
    let headerOffset: Int
    let has64: Bool
    var checksum: UInt = 0
    var compressedByteCount = 0
    var byteCount = 0
  }

  private let file: AtomicFile
  private let level: Int32?
  private let forces64: Bool
  private var entries: [Entry] = []

  /// - Parameters:
  ///   - level: zlib's level of compression, 1 to 9; `nil` to store members as they are.
  ///   - forces64: Writes 64-bit lengths where 32 bits would do; for tests.
  init(_ file: AtomicFile, level: Int32?, forces64: Bool = false) {
    self.file = file
    self.level = level
    self.forces64 = forces64
  }

  /// Adds a member whose contents `write` hands over piece by piece.
  ///
  /// - Parameter byteCount: How many bytes there will be.
  /// - Returns: How many there were.
  @discardableResult
  func add(
    _ name: String, byteCount: Int, _ write: (any ByteSink) throws -> Void
  ) throws -> Int {
    let nameBytes = Array(name.utf8)
    guard nameBytes.count <= Int(UInt16.max) else {
      throw CheckpointError(.invalidRequest, file: file.path, item: name, "the name is longer than 65535 bytes")
    }
    // Deflate can lengthen what it cannot shorten, by far less than this.
    let has64 = forces64 || byteCount + byteCount / 512 + 1024 >= Int(ZipFormat.saturated)
    var entry = Entry(
      name: nameBytes, method: level == nil ? ZipFormat.stored : ZipFormat.deflated, headerOffset: file.byteCount,
      has64: has64)
    // The lengths and the checksum are known afterwards and written over these zeros.
    try file.write(localHeader(entry))
    let start = file.byteCount
    let deflater = try level.map { try Deflater(level: $0, file: file) }
    let contents = MemberContents(deflater.map { $0 as any ByteSink } ?? file)
    try write(contents)
    (entry.checksum, entry.byteCount) = (contents.checksum, contents.byteCount)
    try deflater?.finish()
    entry.compressedByteCount = file.byteCount - start
    try file.overwrite(localHeader(entry), at: entry.headerOffset)
    entries.append(entry)
    return entry.byteCount
  }

  /// Writes the table of contents. The file is complete then, and not committed.
  func finish() throws {
    let start = file.byteCount
    for entry in entries { try file.write(centralHeader(entry)) }
    let size = file.byteCount - start
    var end: [UInt8] = []
    let needs64 =
      forces64 || entries.count >= Int(ZipFormat.saturatedCount) || start + size >= Int(ZipFormat.saturated)
    if needs64 {
      let offset = file.byteCount
      end.append(littleEndian: ZipFormat.end64Signature)
      end.append(littleEndian: UInt64(ZipFormat.end64ByteCount - 12))
      end.append(littleEndian: ZipFormat.version64)
      end.append(littleEndian: ZipFormat.version64)
      end.append(littleEndian: UInt32(0))
      end.append(littleEndian: UInt32(0))
      end.append(littleEndian: UInt64(entries.count))
      end.append(littleEndian: UInt64(entries.count))
      end.append(littleEndian: UInt64(size))
      end.append(littleEndian: UInt64(start))
      end.append(littleEndian: ZipFormat.locator64Signature)
      end.append(littleEndian: UInt32(0))
      end.append(littleEndian: UInt64(offset))
      end.append(littleEndian: UInt32(1))
    }
    end.append(littleEndian: ZipFormat.endSignature)
    end.append(littleEndian: UInt16(0))
    end.append(littleEndian: UInt16(0))
    end.append(littleEndian: needs64 ? ZipFormat.saturatedCount : UInt16(entries.count))
    end.append(littleEndian: needs64 ? ZipFormat.saturatedCount : UInt16(entries.count))
    end.append(littleEndian: needs64 ? ZipFormat.saturated : UInt32(size))
    end.append(littleEndian: needs64 ? ZipFormat.saturated : UInt32(start))
    end.append(littleEndian: UInt16(0))
    try file.write(end)
  }

  private func localHeader(_ entry: Entry) -> [UInt8] {
    var header: [UInt8] = []
    header.append(littleEndian: ZipFormat.localSignature)
    appendCommon(entry, to: &header)
    header.append(littleEndian: UInt16(entry.has64 ? 20 : 0))
    header.append(contentsOf: entry.name)
    if entry.has64 {
      header.append(littleEndian: ZipFormat.extra64)
      header.append(littleEndian: UInt16(16))
      header.append(littleEndian: UInt64(entry.byteCount))
      header.append(littleEndian: UInt64(entry.compressedByteCount))
    }
    return header
  }

  private func centralHeader(_ entry: Entry) -> [UInt8] {
    var extra: [UInt8] = []
    let offset64 = forces64 || entry.headerOffset >= Int(ZipFormat.saturated)
    if entry.has64 {
      extra.append(littleEndian: UInt64(entry.byteCount))
      extra.append(littleEndian: UInt64(entry.compressedByteCount))
    }
    if offset64 { extra.append(littleEndian: UInt64(entry.headerOffset)) }
    var header: [UInt8] = []
    header.append(littleEndian: ZipFormat.centralSignature)
    header.append(littleEndian: entry.has64 || offset64 ? ZipFormat.version64 : ZipFormat.version)
    appendCommon(entry, to: &header)
    header.append(littleEndian: UInt16(extra.isEmpty ? 0 : extra.count + 4))
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: UInt32(0))
    header.append(littleEndian: offset64 ? ZipFormat.saturated : UInt32(entry.headerOffset))
    header.append(contentsOf: entry.name)
    if !extra.isEmpty {
      header.append(littleEndian: ZipFormat.extra64)
      header.append(littleEndian: UInt16(extra.count))
      header.append(contentsOf: extra)
    }
    return header
  }

  /// From the version needed to the length of the name: alike in both headers.
  private func appendCommon(_ entry: Entry, to header: inout [UInt8]) {
    header.append(littleEndian: entry.has64 ? ZipFormat.version64 : ZipFormat.version)
    header.append(littleEndian: ZipFormat.utf8Flag)
    header.append(littleEndian: entry.method)
    header.append(littleEndian: UInt16(0))
    header.append(littleEndian: ZipFormat.date)
    header.append(littleEndian: UInt32(entry.checksum))
    header.append(littleEndian: entry.has64 ? ZipFormat.saturated : UInt32(entry.compressedByteCount))
    header.append(littleEndian: entry.has64 ? ZipFormat.saturated : UInt32(entry.byteCount))
    header.append(littleEndian: UInt16(entry.name.count))
  }
}

/// Counts a member's bytes on their way.
private final class MemberContents: ByteSink {
  private(set) var checksum: UInt = 0
  private(set) var byteCount = 0
  private let target: any ByteSink

  init(_ target: any ByteSink) { self.target = target }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    checksum = ZipChecksum.adding(bytes, to: checksum)
    byteCount += bytes.count
    try target.write(bytes)
  }
}

/// Compresses bytes into a file, without zlib's own header, as ZIP wants them.
private final class Deflater: ByteSink {
  private let file: AtomicFile
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  init(level: Int32, file: AtomicFile) throws {
    self.file = file
    stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let memoryLevel: Int32 = 8
    let status = deflateInit2_(
      stream, level, Z_DEFLATED, -MAX_WBITS, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw CheckpointError(
        .unwritable, file: file.path, "zlib refuses to compress at level \(level), status \(status)")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    // zlib counts in 32 bits.
    let largest = 1 << 30
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(largest)
      try run(UnsafeRawBufferPointer(rebasing: piece), Z_NO_FLUSH)
      rest = UnsafeRawBufferPointer(rebasing: rest[piece.endIndex...])
    }
  }

  func finish() throws { try run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH) }

  private func run(_ bytes: UnsafeRawBufferPointer, _ flush: Int32) throws {
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    repeat {
      stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(buffer.count)
      deflate(stream, flush)
      let produced = buffer.count - Int(stream.pointee.avail_out)
      try file.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<produced]))
    } while stream.pointee.avail_out == 0
  }
}
