/// How a table is written as text.
public struct DelimitedFormat: Sendable, Hashable {
  /// The byte between fields.
  public var delimiter: UInt8
  /// The byte around fields that contain delimiters or line ends, doubled inside; `nil` when none has a meaning.
  public var quote: UInt8?
  /// Whether the first line names the columns. Without, they are `column0`, `column1`, ….
  public var hasHeader: Bool

  /// A format.
  public init(delimiter: UInt8, quote: UInt8?, hasHeader: Bool = true) {
    self.delimiter = delimiter
    self.quote = quote
    self.hasHeader = hasHeader
  }

  /// Commas and double quotes (RFC 4180).
  public static let csv = DelimitedFormat(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""))
  /// Tabs, quotes being ordinary characters, as in GLUE's files.
  public static let tsv = DelimitedFormat(delimiter: UInt8(ascii: "\t"), quote: nil)
}

/// Cuts a text into rows and fields.
struct DelimitedReader: Sendable {
  let file: DataFile
  let format: DelimitedFormat
  private(set) var position: Int
  /// Lines that begin before `position`.
  private(set) var line: Int

  init(_ file: DataFile, _ format: DelimitedFormat) {
    self.file = file
    self.format = format
    position = file.bytes.buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    line = 0
  }

  mutating func move(to position: Int, line: Int) {
    self.position = position
    self.line = line
  }

  /// The next row that is not an empty line, and the number of the line on which it begins; `nil` at the end.
  mutating func next() throws(DataError) -> DelimitedRow? {
    let bytes = file.bytes.buffer
    while position < bytes.count {
      let start = line + 1
      if bytes[position] == UInt8(ascii: "\n") {
        position += 1
        line += 1
        continue
      }
      if bytes[position] == UInt8(ascii: "\r"), position + 1 == bytes.count || bytes[position + 1] == UInt8(ascii: "\n")
      {
        position += 1
        continue
      }
      var fields: [String] = []
      while true {
        let (field, isLast) = try field(bytes, start)
        fields.append(field)
        if isLast { return DelimitedRow(fields: fields, line: start) }
      }
    }
    return nil
  }

  private mutating func field(_ bytes: UnsafeRawBufferPointer, _ row: Int) throws(DataError) -> (String, Bool) {
    let newline = UInt8(ascii: "\n")
    if let quote = format.quote, position < bytes.count, bytes[position] == quote {
      return try quoted(bytes, quote, row)
    }
    let start = position
    while position < bytes.count && bytes[position] != format.delimiter && bytes[position] != newline { position += 1 }
    var end = position
    let isLast = position == bytes.count || bytes[position] == newline
    if isLast {
      line += 1
      if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    }
    position = min(position + 1, bytes.count)
    return (try text(bytes[start..<end], row), isLast)
  }

  private mutating func quoted(
    _ bytes: UnsafeRawBufferPointer, _ quote: UInt8, _ row: Int
  ) throws(DataError) -> (String, Bool) {
    let newline = UInt8(ascii: "\n")
    let opening = position
    position += 1
    var contents: [UInt8] = []
    var start = position
    while true {
      guard let found = TextLines.find(quote, in: bytes, from: position) else {
        throw DataError(
          .malformed, file: file.path, offset: opening, line: row, "a quote is opened and never closed",
          advice: "close it, or read the file with a format that has no quotes")
      }
      position = found + 1
      if position < bytes.count && bytes[position] == quote {
        contents += bytes[start..<position]
        position += 1
        start = position
        continue
      }
      contents += bytes[start..<found]
      break
    }
    line += contents.count { $0 == newline }
    if position < bytes.count && bytes[position] == UInt8(ascii: "\r")
      && (position + 1 == bytes.count || bytes[position + 1] == newline)
    {
      position += 1
    }
    let isLast = position == bytes.count || bytes[position] == newline
    guard isLast || bytes[position] == format.delimiter else {
      throw DataError(
        .malformed, file: file.path, offset: position, line: row, "text follows a closing quote",
        advice: "a quote inside a field is written twice")
    }
    if isLast { line += 1 }
    position = min(position + 1, bytes.count)
    return (try text(contents, row), isLast)
  }

  private func text(_ bytes: some Sequence<UInt8>, _ row: Int) throws(DataError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError(.malformed, file: file.path, line: row, "it is not UTF-8", advice: "convert the file to UTF-8")
    }
    return text
  }
}
