import CZlib

/// The contents of one member of an archive, read from front to back.
final class ZipMemberReader {
  private let archive: ZipArchive
  private let member: ZipArchive.Member
  private var input: UnsafeRawBufferPointer
  /// zlib's state points back at the stream, which therefore stays in one place; `nil` for a stored member.
  private let stream: UnsafeMutablePointer<z_stream>?
  private var checksum: UInt = 0
  private var position = 0
  /// Whether the compressed bytes have said that they are over.
  private var hasEnded = false

  /// No stream of deflate's holds more than this many bytes in one byte (RFC 1951: 258 bytes in two bits).
  private static let largestRatio = 1032

  init(_ archive: ZipArchive, _ member: ZipArchive.Member) throws {
    self.archive = archive
    self.member = member
    input = UnsafeRawBufferPointer(rebasing: archive.file.buffer[try archive.stored(member)])
    guard member.flags & ZipFormat.encryptedFlag == 0 else {
      throw archive.failure(member, "it is encrypted", .unsupported)
    }
    switch member.method {
    case ZipFormat.stored:
      guard member.byteCount == member.compressedByteCount else {
        throw archive.failure(member, "it is stored, but has two lengths")
      }
      stream = nil
    case ZipFormat.deflated:
      guard member.byteCount / ZipMemberReader.largestRatio <= member.compressedByteCount else {
        throw archive.failure(
          member, "\(member.compressedByteCount) bytes cannot hold the \(member.byteCount) that they are said to")
      }
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        stream.deallocate()
        throw archive.failure(member, "zlib has no memory left to read it", .tooLarge)
      }
      self.stream = stream
    default:
      throw archive.failure(
        member, "compression method \(member.method) is not supported; 'stored' and 'deflate' are", .unsupported)
    }
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
  }

  /// Fills `target` with the bytes that come next; throws when there are fewer.
  func read(into target: UnsafeMutableRawBufferPointer) throws {
    guard target.count <= member.byteCount - position else {
      throw archive.failure(member, "it ends after \(member.byteCount) bytes, where more are expected", .truncated)
    }
    if let stream {
      guard try inflate(stream, target) == target.count else {
        throw archive.failure(member, "its compressed bytes end early", .truncated)
      }
    } else {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[position..<position + target.count]))
    }
    position += target.count
    checksum = ZipChecksum.adding(UnsafeRawBufferPointer(target), to: checksum)
  }

  /// Reads what is left and compares the whole with its checksum.
  func finish() throws {
    var buffer = [UInt8](repeating: 0, count: min(1 << 16, max(1, member.byteCount - position)))
    while position < member.byteCount {
      let count = min(buffer.count, member.byteCount - position)
      try buffer.withUnsafeMutableBytes { try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count])) }
    }
    if let stream {
      // The stream must say that it is over, and give nothing more.
      var byte: UInt8 = 0
      let surplus = try withUnsafeMutableBytes(of: &byte) { try inflate(stream, $0) }
      guard surplus == 0 && hasEnded else {
        throw archive.failure(member, "its compressed bytes do not end where they are said to")
      }
    }
    guard checksum == UInt(member.checksum) else {
      throw archive.failure(
        member, "its contents do not have the checksum that was written with them", .checksumMismatch)
    }
  }

  /// Inflates until `target` is full or the stream ends; returns how many bytes were written.
  private func inflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ target: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    // zlib counts in 32 bits.
    let largest = 1 << 30
    var written = 0
    while written < target.count {
      let available = min(input.count, largest)
      let wanted = min(target.count - written, largest)
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = (target.baseAddress! + written).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(wanted)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      let produced = wanted - Int(stream.pointee.avail_out)
      input = UnsafeRawBufferPointer(rebasing: input[(available - Int(stream.pointee.avail_in))...])
      written += produced
      if status == Z_STREAM_END {
        hasEnded = true
        break
      }
      guard status == Z_OK || status == Z_BUF_ERROR else {
        throw archive.failure(
          member, "its compressed bytes are damaged at byte \(position + written) of the contents")
      }
      // No progress and not at the end: the input has run out.
      if produced == 0 && Int(stream.pointee.avail_in) == available { break }
    }
    return written
  }
}

/// The CRC-32 of the ZIP format, by zlib.
enum ZipChecksum {
  static func adding(_ bytes: UnsafeRawBufferPointer, to checksum: UInt) -> UInt {
    guard let base = bytes.baseAddress else { return checksum }
    return UInt(crc32_z(uLong(checksum), base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
