/// An Arrow IPC stream or file (also called Feather V2), as Hugging Face's cache has them: batches of rows, mapped and not
/// copied unless they are compressed.
///
/// Source: apache/arrow, "Arrow Columnar Format", section "Serialization and Interprocess Communication".
public struct ArrowFile: Sendable {
  /// The columns of the top level.
  public let fields: [ColumnField]
  /// How many rows.
  public let rowCount: Int
  /// How many rows each batch has.
  public let batchSizes: [Int]
  let file: DataFile
  let schema: [ArrowField]
  private let batches: [Message]
  private let dictionaries: [Message]
  /// Whether dictionaries come in the order of the batches, and may change between them, as in a stream.
  private let isStream: Bool

  /// Where a message's metadata and body are.
  private struct Message: Sendable {
    let metadata: Range<Int>
    let body: Range<Int>
  }

  private enum Kind {
    static let schema = 1
    static let dictionary = 2
    static let batch = 3
  }

  private static let magic = Array("ARROW1".utf8)
  /// Memory that a dictionary put together of several messages may take: this much, and so much for each byte of the file.
  private static let freeDictionaryByteCount = 16 << 20
  private static let dictionaryBytesPerByte = 64

  /// Opens a file and reads its messages' heads. Cost: a look at each batch, not at its values.
  /// - Throws: ``DataError``.
  public init(path: String) throws(DataError) { try self.init(DataFile(path: path)) }

  init(_ file: DataFile) throws(DataError) {
    self.file = file
    let bytes = file.bytes.buffer
    isStream = !bytes.starts(with: ArrowFile.magic)
    let found = try isStream ? ArrowFile.stream(file) : ArrowFile.blocks(file)
    schema = found.schema
    fields = schema.map(\.columnField)
    batches = found.batches
    dictionaries = found.dictionaries
    var sizes: [Int] = []
    var total = 0
    for batch in batches {
      let (_, header) = try ArrowFile.header(file, batch.metadata)
      let count = try header.number(0, Int64.self, or: 0)
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard count >= 0, !overflow else { throw FlatTable.failure(file.path) }
      sizes.append(count)
      total = sum
    }
    batchSizes = sizes
    rowCount = total
  }

  private static func header(_ file: DataFile, _ range: Range<Int>) throws(DataError) -> (kind: Int, FlatTable) {
    let message = try FlatTable(root: UnsafeRawBufferPointer(rebasing: file.bytes.buffer[range]), file: file.path)
    guard let header = try message.table(2) else { throw FlatTable.failure(file.path) }
    return (try message.number(1, UInt8.self, or: 0), header)
  }

  /// The compression that a message of Arrow 0.17 names beside its batch, which had no field for it yet.
  private static func earlyCodec(_ file: DataFile, _ range: Range<Int>) throws(DataError) -> Codec? {
    let message = try FlatTable(root: UnsafeRawBufferPointer(rebasing: file.bytes.buffer[range]), file: file.path)
    for entry in try message.tables(4) {
      guard try entry.string(0) == "ARROW:experimental_compression" else { continue }
      switch try entry.string(1)?.lowercased() {
      case "lz4", "lz4_frame": return .lz4Frame
      case "zstd": return .zstd
      case let name:
        throw DataError(.unsupported, file: file.path, "compression '\(name ?? "")' is not known")
      }
    }
    return nil
  }

  /// The message at `offset`; `nil` where the stream says that it ends.
  private static func message(_ file: DataFile, at offset: Int) throws(DataError) -> Message? {
    let bytes = file.bytes.buffer
    func truncated() -> DataError {
      DataError(
        .truncated, file: file.path, offset: offset, "it ends inside a message", advice: DataError.downloadAgain)
    }
    guard offset >= 0, offset <= bytes.count - 4 else { throw truncated() }
    var start = offset
    // Before version 0.15, messages began with their length, without a mark.
    if bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self) == .max { start += 4 }
    guard start <= bytes.count - 4 else { throw truncated() }
    let length = Int(bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
    if length == 0 { return nil }
    start += 4
    guard length > 0, length <= bytes.count - start else { throw truncated() }
    let metadata = start..<start + length
    let table = try FlatTable(root: UnsafeRawBufferPointer(rebasing: bytes[metadata]), file: file.path)
    let bodyLength = try table.number(3, Int64.self, or: 0)
    guard bodyLength >= 0, bodyLength <= bytes.count - metadata.upperBound else { throw truncated() }
    return Message(metadata: metadata, body: metadata.upperBound..<metadata.upperBound + bodyLength)
  }

  private typealias Contents = (schema: [ArrowField], batches: [Message], dictionaries: [Message])

  private static func stream(_ file: DataFile) throws(DataError) -> Contents {
    guard let first = try message(file, at: 0) else { throw FlatTable.failure(file.path) }
    let (kind, header) = try header(file, first.metadata)
    guard kind == Kind.schema else {
      throw DataError(
        .malformed, file: file.path, offset: 0, "it does not begin with a schema",
        advice: "check that it is an Arrow IPC stream or file")
    }
    var contents: Contents = (try ArrowField.fields(header), [], [])
    var position = first.body.upperBound
    // The end is a message of length 0, or, when the writer was cut short after a batch, the file's.
    while position < file.count, let next = try message(file, at: position) {
      switch try self.header(file, next.metadata).kind {
      case Kind.batch: contents.batches.append(next)
      case Kind.dictionary: contents.dictionaries.append(next)
      case let kind: throw DataError(.malformed, file: file.path, offset: position, "a message of kind \(kind)")
      }
      position = next.body.upperBound
    }
    return contents
  }

  private static func blocks(_ file: DataFile) throws(DataError) -> Contents {
    let bytes = file.bytes.buffer
    let tail = 4 + magic.count
    guard bytes.count >= 8 + tail, bytes.suffix(magic.count).elementsEqual(magic) else {
      throw DataError(.truncated, file: file.path, "it does not end with ARROW1", advice: DataError.downloadAgain)
    }
    let length = Int(bytes.loadUnaligned(fromByteOffset: bytes.count - tail, as: Int32.self))
    guard length > 0, length <= bytes.count - tail - 8 else { throw FlatTable.failure(file.path) }
    let end = bytes.count - tail
    let footer = try FlatTable(root: UnsafeRawBufferPointer(rebasing: bytes[end - length..<end]), file: file.path)
    guard let schema = try footer.table(1) else { throw FlatTable.failure(file.path) }
    func messages(_ index: Int, _ kind: Int) throws(DataError) -> [Message] {
      let blockByteCount = 24
      guard let blocks = try footer.vector(index, width: blockByteCount) else { return [] }
      var messages: [Message] = []
      for place in stride(from: 0, to: blocks.count, by: blockByteCount) {
        let offset = Int(blocks.loadUnaligned(fromByteOffset: place, as: Int64.self))
        guard let message = try message(file, at: offset), try header(file, message.metadata).kind == kind else {
          throw FlatTable.failure(file.path)
        }
        messages.append(message)
      }
      return messages
    }
    return (try ArrowField.fields(schema), try messages(3, Kind.batch), try messages(2, Kind.dictionary))
  }

  /// Reads one batch.
  ///
  /// - Parameter columns: The columns wanted, in the order wanted; all when `nil`.
  /// - Throws: ``DataError``.
  public func readBatch(_ index: Int, columns: [String]? = nil) throws(DataError) -> ColumnBatch {
    var loaded = ArrowDictionaries()
    return try readBatch(index, positions(columns), &loaded)
  }

  func positions(_ columns: [String]?) throws(DataError) -> [Int] {
    try ColumnField.positions(columns, in: fields, file: file.path)
  }

  /// Reads one batch; `loaded` remembers the dictionaries between batches.
  func readBatch(_ index: Int, _ positions: [Int], _ loaded: inout ArrowDictionaries) throws(DataError) -> ColumnBatch {
    guard batches.indices.contains(index) else {
      throw DataError(.missingColumn, file: file.path, "there is no batch \(index); there are \(batches.count)")
    }
    let message = batches[index]
    // Of a stream, those dictionaries count that stand before the batch; of a file, all.
    let needed =
      isStream
      ? dictionaries.prefix { $0.metadata.lowerBound < message.metadata.lowerBound }.count : dictionaries.count
    if loaded.count > needed { loaded = ArrowDictionaries() }
    while loaded.count < needed {
      try load(dictionaries[loaded.count], &loaded)
      loaded.count += 1
    }
    let (_, header) = try ArrowFile.header(file, message.metadata)
    var reader = try reader(header, message, loaded)
    var columns: [Column] = []
    let wanted = Set(positions)
    for (position, field) in schema.enumerated() {
      let column = wanted.contains(position) ? try reader.column(field) : try reader.skip(field)
      guard column.count >= reader.rowCount else {
        throw DataError(
          .malformed, file: file.path, item: field.name, "it has \(column.count) of \(reader.rowCount) rows")
      }
      columns.append(column)
    }
    return ColumnBatch(
      rowCount: reader.rowCount, columns: positions.map { columns[$0] },
      names: Record.Names(positions.map { fields[$0].name }))
  }

  private func reader(
    _ batch: FlatTable, _ message: Message, _ loaded: ArrowDictionaries
  ) throws(DataError) -> ArrowBatchReader {
    try ArrowBatchReader(
      batch, body: file.bytes.slice(message.body), dictionaries: loaded.values,
      earlyCodec: ArrowFile.earlyCodec(file, message.metadata))
  }

  private func load(_ message: Message, _ loaded: inout ArrowDictionaries) throws(DataError) {
    let (_, header) = try ArrowFile.header(file, message.metadata)
    let id = try header.number(0, Int64.self, or: 0)
    let isDelta = try header.number(2, UInt8.self, or: 0) != 0
    // A dictionary that no column uses can be left alone.
    guard let field = ArrowFile.field(of: id, in: schema) else { return }
    guard let data = try header.table(1) else { throw FlatTable.failure(file.path) }
    var reader = try reader(data, message, loaded)
    let added = try reader.column(field.valueField)
    if isDelta, let present = loaded.values[id] {
      // Values that lie in another dictionary are copied out of it, each as often as it is named.
      var budget = ArrowFile.freeDictionaryByteCount + file.count * ArrowFile.dictionaryBytesPerByte
      var values: [Value] = []
      for column in [present, added] {
        for index in 0..<column.count {
          let value = try column.value(at: index)
          budget -= value.weight
          guard budget >= 0 else {
            throw DataError(
              .tooLarge, file: file.path, item: field.name,
              "a dictionary that grows takes more memory than a file of \(file.count) bytes needs",
              advice: "write the column without a dictionary")
          }
          values.append(value)
        }
      }
      loaded.values[id] = Column(
        type: added.type, count: values.count, validity: nil, contents: .values(values))
    } else {
      loaded.values[id] = added
    }
  }

  private static func field(of id: Int, in fields: [ArrowField]) -> ArrowField? {
    for field in fields {
      if field.dictionary?.id == id { return field }
      let children: [ArrowField] =
        switch field.layout {
        case .list(let element, _), .fixedList(let element, _): [element]
        case .record(let children): children
        default: []
        }
      if let found = self.field(of: id, in: children) { return found }
    }
    return nil
  }
}

extension Value {
  /// About how many bytes of memory it takes.
  fileprivate var weight: Int {
    let own = MemoryLayout<Value>.stride
    switch self {
    case .string(let text): return own + text.utf8.count
    case .bytes(let bytes): return own + bytes.count
    case .list(let elements): return elements.reduce(own) { $0 + $1.weight }
    case .map(let entries): return entries.reduce(own) { $0 + $1.key.weight + $1.value.weight }
    case .record(let record): return record.values.reduce(own) { $0 + $1.weight }
    default: return own
    }
  }
}

/// The dictionaries of a stream, as far as they were read.
struct ArrowDictionaries {
  var count = 0
  var values: [Int: Column] = [:]
}

extension ArrowField {
  /// The field as its dictionary's values are written.
  fileprivate var valueField: ArrowField { ArrowField(valuesOf: self) }

  private init(valuesOf field: ArrowField) {
    name = field.name
    isNullable = field.isNullable
    type = field.type
    layout = field.layout
    dictionary = nil
  }
}
