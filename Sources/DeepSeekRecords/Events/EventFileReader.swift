public import DeepSeekCheckpoints

/// Reads a TensorBoard event file from front to back.
///
/// Not for use from several threads at a time.
public final class EventFileReader {
  private let records: RecordReader

  /// Opens a file. Throws `CheckpointError` when it cannot be read.
  public init(_ path: String) throws { records = try RecordReader(path, compression: RecordCompression.none) }

  /// Reads a file that is open already.
  public init(_ file: MappedFile) throws { records = try RecordReader(file, compression: RecordCompression.none) }

  /// The next event; `nil` at the end. Throws `CheckpointError`, with the byte at which the record begins, when it is damaged.
  public func next() throws -> Event? {
    let (offset, count) = (records.offset, records.count)
    do {
      return try records.withNext { try Event($0) }
    } catch let failure as WireReader.Failure {
      throw CheckpointError(
        .malformed, file: records.path, offset: offset + RecordFraming.headerByteCount + failure.offset,
        "record \(count) is not an event: \(failure.message)", advice: "see that it is an event file")
    }
  }

  /// All events that are left. Throws as ``next()``.
  public func readAll() throws -> [Event] {
    var events: [Event] = []
    while let event = try next() { events.append(event) }
    return events
  }
}
