import CZlib
import DeepSeekCheckpoints

/// Where a reader's bytes come from.
protocol RecordSource {
  /// The next `count` bytes, or as many as there are; `nil` when there are none. Valid until the next call.
  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer?
}

/// The bytes of a file as they are.
struct PlainRecordSource: RecordSource {
  private let file: MappedFile
  private var position = 0

  init(_ file: MappedFile) { self.file = file }

  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer? {
    let available = min(count, file.byteCount - position)
    if available == 0 && count > 0 { return nil }
    defer { position += available }
    // The file outlives the call that looks at these bytes: the reader holds this source.
    return file.withBytes { UnsafeRawBufferPointer(rebasing: $0[position..<position + available]) }
  }
}

/// What a gzip or zlib file inflates to. Several gzip members one after the other are one file.
final class InflatingRecordSource: RecordSource {
  private let file: MappedFile
  private let compression: RecordCompression
  private var consumed = 0
  private var hasEnded = false
  private var window = UnsafeMutableRawBufferPointer.allocate(byteCount: InflatingRecordSource.step, alignment: 16)
  /// zlib's state points back at the stream, which therefore stays in one place.
  private let stream: UnsafeMutablePointer<z_stream>

  /// What is taken in one step, so that a length that is not true costs no more memory than the bytes behind it.
  private static let step = 1 << 16

  init(_ file: MappedFile, _ compression: RecordCompression) throws {
    self.file = file
    self.compression = compression
    stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let windowBits = MAX_WBITS + (compression == .gzip ? 16 : 0)
    guard inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw CheckpointError(.tooLarge, file: file.path, "zlib has no memory left to read it")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    window.deallocate()
  }

  func bytes(_ count: Int) throws -> UnsafeRawBufferPointer? {
    var filled = 0
    while filled < count {
      let wanted = min(count - filled, max(InflatingRecordSource.step, filled))
      if window.count < filled + wanted { grow(to: filled + wanted) }
      let got = try inflated(into: UnsafeMutableRawBufferPointer(rebasing: window[filled..<filled + wanted]))
      if got == 0 { break }
      filled += got
    }
    if filled == 0 && count > 0 { return nil }
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(window)[..<filled])
  }

  private func grow(to byteCount: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(window))
    window.deallocate()
    window = larger
  }

  /// Fills `target`; less only at the end of the file.
  private func inflated(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    try file.withBytes { input in
      var written = 0
      while written < target.count && !hasEnded {
        let available = min(input.count - consumed, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress?.advanced(by: consumed).assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = (target.baseAddress! + written).assumingMemoryBound(to: UInt8.self)
        let wanted = min(target.count - written, 1 << 30)
        stream.pointee.avail_out = UInt32(wanted)
        let status = inflate(stream, Z_NO_FLUSH)
        let produced = wanted - Int(stream.pointee.avail_out)
        let taken = available - Int(stream.pointee.avail_in)
        consumed += taken
        written += produced
        switch status {
        case Z_STREAM_END where compression == .gzip && consumed < input.count: inflateReset(stream)
        case Z_STREAM_END: hasEnded = true
        case Z_OK, Z_BUF_ERROR:
          if produced == 0 && taken == 0 { throw failure(.truncated, "its compressed bytes end early") }
        default: throw failure(.malformed, "its compressed bytes are damaged")
        }
      }
      return written
    }
  }

  private func failure(_ kind: CheckpointError.Kind, _ message: String) -> CheckpointError {
    CheckpointError(kind, file: file.path, offset: consumed, message, advice: CheckpointAdvice.copyAgain)
  }
}
