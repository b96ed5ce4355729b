/// How TFRecord frames a record: its length in eight bytes, the length's checksum in four, the bytes, and theirs in four.
///
/// The checksums are ``MaskedChecksum``s (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
enum RecordFraming {
  /// Bytes before a record's own.
  static let headerByteCount = 12
  /// Bytes after a record's own.
  static let footerByteCount = 4

  /// The record with its frame.
  static func framed(_ record: UnsafeRawBufferPointer, into target: inout [UInt8]) {
    var writer = WireWriter()
    writer.fixed(UInt64(record.count))
    writer.fixed(MaskedChecksum.of(UInt64(record.count)))
    target.reserveCapacity(target.count + record.count + headerByteCount + footerByteCount)
    target.append(contentsOf: writer.bytes)
    target.append(contentsOf: record)
    withUnsafeBytes(of: MaskedChecksum.of(record).littleEndian) { target.append(contentsOf: $0) }
  }
}

/// How a file of records is compressed as a whole.
public enum RecordCompression: String, Sendable, Hashable, CaseIterable {
  /// Not at all.
  case none
  /// As gzip files are (TensorFlow's `GZIP`).
  case gzip
  /// As zlib streams are (TensorFlow's `ZLIB`).
  case zlib
}
