/// Cuts a text file into lines, wherever one begins.
struct TextLines {
  let file: DataFile
  private(set) var position: Int
  private(set) var line: Int

  init(_ file: DataFile) {
    self.file = file
    // A byte order mark is no text.
    position = file.bytes.buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    line = 0
  }

  /// From a line's start on, which was `line` lines after the first.
  init(_ file: DataFile, position: Int, line: Int) {
    self.file = file
    self.position = position
    self.line = line
  }

  /// The next line without its end (LF or CR LF); `nil` after the last. The line's number, from 1, is ``line``.
  mutating func next() -> UnsafeRawBufferPointer? {
    let bytes = file.bytes.buffer
    guard position < bytes.count else { return nil }
    line += 1
    let start = position
    let end = TextLines.find(UInt8(ascii: "\n"), in: bytes, from: start) ?? bytes.count
    position = min(end + 1, bytes.count)
    let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
    return UnsafeRawBufferPointer(rebasing: bytes[start..<(hasReturn ? end - 1 : end)])
  }

  static func find(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Dataset where Example == Record {
  /// The lines of a text file, each as a row with one column `text`. Lines end with LF or CR LF; the last end is optional.
  ///
  /// - Throws: ``DataError``; from the iterator when a line is not UTF-8.
  public static func fromText(_ path: String) throws(DataError) -> Dataset<Record> {
    let file = try DataFile(path: path)
    let names = Record.Names(["text"])
    return Dataset<Record> { (_) throws(DataError) in
      LineStream(file, kind: "text") { (bytes, line, _) throws(DataError) in
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DataError(
            .malformed, file: file.path, line: line, "it is not UTF-8", advice: "convert the file to UTF-8")
        }
        return Record(names: names, values: [.string(text)])
      }
    }
  }
}

/// A row for each line of a file.
final class LineStream: ExampleStream<Record> {
  private var lines: TextLines
  private let kind: String
  /// The row of a line, or `nil` when it is to be left out.
  private let record: (UnsafeRawBufferPointer, _ line: Int, _ offset: Int) throws(DataError) -> Record?

  init(
    _ file: DataFile, kind: String,
    _ record: @escaping (UnsafeRawBufferPointer, _ line: Int, _ offset: Int) throws(DataError) -> Record?
  ) {
    lines = TextLines(file)
    self.kind = kind
    self.record = record
  }

  override func next() throws(DataError) -> Record? {
    while true {
      let offset = lines.position
      guard let bytes = lines.next() else { return nil }
      if let record = try record(bytes, lines.line, offset) { return record }
    }
  }

  override func state() -> DatasetState { DatasetState(kind, [lines.position, lines.line]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check(kind, counts: 2, inner: 0)
    try checkPosition(state.counts[0], in: lines.file)
    lines = TextLines(lines.file, position: state.counts[0], line: state.counts[1])
  }
}

/// Throws unless a saved position lies in the file.
func checkPosition(_ position: Int, in file: DataFile) throws(DataError) {
  guard position <= file.count else {
    throw DataError(
      .stateMismatch, file: file.path, "the state was saved at byte \(position), and the file has \(file.count)",
      advice: "restore it with the file that it was saved from")
  }
}
