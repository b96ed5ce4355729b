public import DeepSeekCheckpoints

/// Reads the records of a TFRecord file, or of an event file, from front to back, each checked against its checksums.
///
/// ```swift
/// let reader = try RecordReader("train.tfrecord.gz")
/// while let record = try reader.next() { … }
/// ```
///
/// An uncompressed file is mapped, and a record is looked at where it lies; a compressed one passes through a window of one
/// record. So the memory taken is that of the largest record, whatever the file's length; a few compressed bytes can stand
/// for very many, so a compressed file's records have a largest length. Not for use from several threads at a time.
public final class RecordReader {
  /// The file, as the caller named it.
  public let path: String
  /// How it is compressed.
  public let compression: RecordCompression
  /// Where the next record begins: the byte in the file, or in what it inflates to.
  public private(set) var offset = 0
  /// How many records have been read.
  public private(set) var count = 0
  /// The most bytes that a record of a compressed file may have.
  public let largestRecord: Int
  private var source: any RecordSource

  /// What ``largestRecord`` is unless it is given: 256 MiB.
  public static let usualLargestRecord = 256 << 20

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - compression: How it is compressed; found out from its first bytes when left out.
  ///   - access: Whether the file is mapped or read.
  ///   - largestRecord: The most bytes that a record of a compressed file may have; a longer one is refused before memory is
  ///     taken for it. A plain file's records are bounded by the file.
  /// - Throws: `CheckpointError` when it cannot be read.
  public convenience init(
    _ path: String, compression: RecordCompression? = nil, access: FileAccess = .mapped,
    largestRecord: Int = RecordReader.usualLargestRecord
  ) throws {
    try self.init(
      MappedFile(path: path, access: access), compression: compression, largestRecord: largestRecord)
  }

  /// Reads a file that is open already.
  public init(
    _ file: MappedFile, compression: RecordCompression? = nil, largestRecord: Int = RecordReader.usualLargestRecord
  ) throws {
    path = file.path
    self.largestRecord = largestRecord
    let compression = compression ?? file.withBytes { RecordReader.compression(of: $0) }
    self.compression = compression
    source = compression == .none ? PlainRecordSource(file) : try InflatingRecordSource(file, compression)
  }

  /// The next record's bytes; `nil` at the end of the file.
  ///
  /// Throws `CheckpointError`, with the byte at which the record begins, when a checksum is not that of the bytes or the file
  /// ends inside a record.
  public func next() throws -> [UInt8]? { try withNext { Array($0) } }

  /// Calls `body` with the next record's bytes, which are valid only meanwhile; `nil` at the end of the file. Throws as
  /// ``next()``, and what `body` throws.
  public func withNext<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
    guard let header = try source.bytes(RecordFraming.headerByteCount) else { return nil }
    guard header.count == RecordFraming.headerByteCount else {
      throw failure(.truncated, "it ends inside the length of record \(count)", CheckpointAdvice.copyAgain)
    }
    let length = UInt64(littleEndian: header.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    let lengthChecksum = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard MaskedChecksum.of(length) == lengthChecksum else {
      throw failure(
        .checksumMismatch, "the length of record \(count) does not have the checksum that stands behind it",
        count == 0 ? "see that it is a TFRecord file, and how it is compressed" : CheckpointAdvice.copyAgain)
    }
    guard compression == .none || length <= max(largestRecord, 0) else {
      throw failure(
        .tooLarge, "record \(count) has \(length) bytes; in a compressed file \(largestRecord) are allowed",
        "allow more with largestRecord, or write the file with smaller records")
    }
    // A length that no file has must not overflow when the footer is added.
    let whole = length < 1 << 60 ? Int(length) + RecordFraming.footerByteCount : Int.max
    guard let bytes = try source.bytes(whole), bytes.count == whole else {
      throw failure(.truncated, "it ends inside record \(count), which has \(length) bytes", CheckpointAdvice.copyAgain)
    }
    let record = UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)])
    let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: Int(length), as: UInt32.self))
    guard MaskedChecksum.of(record) == checksum else {
      throw failure(
        .checksumMismatch, "record \(count) does not have the checksum that stands behind it",
        CheckpointAdvice.copyAgain)
    }
    let result = try body(record)
    offset += RecordFraming.headerByteCount + whole
    count += 1
    return result
  }

  private func failure(_ kind: CheckpointError.Kind, _ message: String, _ advice: String) -> CheckpointError {
    CheckpointError(kind, file: path, offset: offset, message, advice: advice)
  }

  /// A plain file's first twelve bytes agree with themselves; else what gzip's and zlib's first bytes must be.
  private static func compression(of bytes: UnsafeRawBufferPointer) -> RecordCompression {
    guard bytes.count >= 2 else { return .none }
    if bytes.count >= RecordFraming.headerByteCount {
      let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
      let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
      if MaskedChecksum.of(length) == checksum { return .none }
    }
    if bytes[0] == 0x1F && bytes[1] == 0x8B { return .gzip }
    if bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 { return .zlib }
    return .none
  }
}

/// What to do about a damaged file.
enum CheckpointAdvice {
  static let copyAgain = "the file is incomplete or damaged: copy or write it again"
}
