import CZlib
import DeepSeekCheckpoints

/// Writes a TFRecord file, which appears under its name when it is whole.
///
/// ```swift
/// let writer = try RecordWriter("train.tfrecord", compression: .gzip)
/// for example in examples { try writer.write(example.serialized()) }
/// try writer.close()
/// ```
///
/// Without ``close()`` nothing is left behind. Not for use from several threads at a time.
public final class RecordWriter {
  /// How the file is compressed.
  public let compression: RecordCompression
  /// How many records have been written.
  public private(set) var count = 0
  private let file: AtomicFile
  private let deflater: Deflater?
  private var pending: [UInt8] = []
  private var isClosed = false

  /// How much is gathered before it goes to the file.
  private static let step = 1 << 16

  /// Begins a file that will replace `path`. Throws `CheckpointError` when it cannot be made.
  public init(_ path: String, compression: RecordCompression = .none, synchronizes: Bool = true) throws {
    self.compression = compression
    file = try AtomicFile(replacing: path, synchronizes: synchronizes)
    deflater = compression == .none ? nil : try Deflater(compression, path)
  }

  /// Appends a record. Throws `CheckpointError` when the disk is full or fails.
  public func write(_ record: UnsafeRawBufferPointer) throws {
    expectOpen()
    RecordFraming.framed(record, into: &pending)
    count += 1
    if pending.count >= RecordWriter.step { try drain(finishing: false) }
  }

  /// Appends a record. Throws `CheckpointError` when the disk is full or fails.
  public func write(_ record: [UInt8]) throws { try record.withUnsafeBytes { try write($0) } }

  /// Makes the file appear under its name. Throws `CheckpointError`, and then nothing has changed.
  public func close() throws {
    expectOpen()
    isClosed = true
    try drain(finishing: true)
    try file.commit()
  }

  private func expectOpen() {
    if isClosed { fatalError("RecordWriter: '\(file.path)' is closed already") }
  }

  private func drain(finishing: Bool) throws {
    if let deflater {
      try pending.withUnsafeBytes { try deflater.deflate($0, finishing: finishing) { try file.write($0) } }
    } else {
      try file.write(pending)
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// One stream of zlib's.
private final class Deflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private var block = [UInt8](repeating: 0, count: 1 << 16)

  init(_ compression: RecordCompression, _ path: String) throws {
    stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let windowBits = MAX_WBITS + (compression == .gzip ? 16 : 0)
    let size = Int32(MemoryLayout<z_stream>.size)
    let level = Z_DEFAULT_COMPRESSION
    guard
      deflateInit2_(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    else {
      stream.deallocate()
      throw CheckpointError(.unwritable, file: path, "zlib has no memory left to compress it")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func deflate(
    _ input: UnsafeRawBufferPointer, finishing: Bool, _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var rest = input
    repeat {
      let taken = min(rest.count, 1 << 30)
      stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(taken)
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      let isLast = finishing && rest.isEmpty
      try block.withUnsafeMutableBytes { target in
        repeat {
          stream.pointee.next_out = target.baseAddress!.assumingMemoryBound(to: UInt8.self)
          stream.pointee.avail_out = UInt32(target.count)
          _ = CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          let produced = target.count - Int(stream.pointee.avail_out)
          try write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<produced]))
        } while stream.pointee.avail_out == 0
      }
    } while !rest.isEmpty
  }
}
