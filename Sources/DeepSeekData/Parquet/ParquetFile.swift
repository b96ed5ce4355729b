import DeepSeekTensor
import Synchronization

/// A Parquet file: columns read as they are needed, whole or a run of rows at a time.
///
/// ```swift
/// let file = try ParquetFile(path: "train.parquet")
/// let batch = try file.read(columns: ["text", "label"])
/// ```
///
/// All physical and logical types, encodings, page versions and nestings are read; compressions are Snappy and gzip, and
/// with the system's libraries LZ4, Zstandard and Brotli, which are loaded when a file needs them. Encrypted files are not.
public struct ParquetFile: Sendable {
  /// The columns of the top level.
  public let fields: [ColumnField]
  /// How many rows.
  public let rowCount: Int
  /// How many rows each row group has.
  public let rowGroupSizes: [Int]
  /// What writers say besides, such as `pandas` or `ARROW:schema`.
  public let keyValues: [String: String]
  let file: DataFile
  let schema: ParquetSchema
  let groups: [ParquetMetadata.RowGroup]

  /// The file, as it was named by the caller.
  public var path: String { file.path }

  /// Opens a file and reads what stands at its end. Cost: that of its metadata, whatever its length.
  /// - Throws: ``DataError``.
  public init(path: String) throws(DataError) {
    try self.init(DataFile(path: path))
  }

  init(_ file: DataFile) throws(DataError) {
    self.file = file
    let bytes = file.bytes.buffer
    let tail = 8
    guard bytes.count >= 4 + tail else {
      throw DataError(
        .truncated, file: file.path, "\(bytes.count) bytes are no Parquet file", advice: DataError.downloadAgain)
    }
    let magic = Array("PAR1".utf8)
    guard bytes.prefix(4).elementsEqual(magic), bytes.suffix(4).elementsEqual(magic) else {
      let isEncrypted = bytes.suffix(4).elementsEqual("PARE".utf8)
      throw DataError(
        isEncrypted ? .unsupported : .malformed, file: file.path,
        isEncrypted ? "it is encrypted" : "it does not begin and end with PAR1",
        advice: isEncrypted ? "decrypt the file first" : "check that it is a Parquet file, and complete")
    }
    let length = Int(bytes.loadUnaligned(fromByteOffset: bytes.count - tail, as: UInt32.self))
    guard length <= bytes.count - tail - 4 else {
      throw DataError(
        .malformed, file: file.path, offset: bytes.count - tail, "its metadata of \(length) bytes is longer than it",
        advice: DataError.downloadAgain)
    }
    let start = bytes.count - tail - length
    let metadata = try ParquetMetadata(
      UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), file: file.path, origin: start)
    schema = try ParquetSchema(metadata.elements, file: file.path)
    fields = schema.fields
    groups = metadata.rowGroups
    rowGroupSizes = groups.map(\.rowCount)
    keyValues = metadata.keyValues
    var total = 0
    for group in groups {
      guard group.chunks.count == schema.leaves.count else {
        throw DataError(
          .malformed, file: file.path,
          "a row group has \(group.chunks.count) columns, where the schema has \(schema.leaves.count)",
          advice: DataError.writeAgain)
      }
      let (sum, overflow) = total.addingReportingOverflow(group.rowCount)
      guard !overflow else { throw DataError(.malformed, file: file.path, "its row groups have too many rows") }
      total = sum
    }
    guard !schema.leaves.isEmpty || total == 0 else {
      throw DataError(.malformed, file: file.path, "it has \(total) rows and no columns", advice: DataError.writeAgain)
    }
    guard total == metadata.rowCount else {
      throw DataError(
        .malformed, file: file.path, "it has \(metadata.rowCount) rows, and its row groups have \(total)",
        advice: DataError.writeAgain)
    }
    rowCount = total
  }

  /// The positions of columns by name, all of them for `nil`.
  func positions(_ columns: [String]?) throws(DataError) -> [Int] {
    try ColumnField.positions(columns, in: fields, file: path)
  }

  /// Reads whole row groups into memory, one batch for each.
  ///
  /// - Parameters:
  ///   - columns: The columns wanted, in the order wanted; all when `nil`. The others' bytes are not touched.
  ///   - rowGroups: The row groups wanted; all when `nil`.
  ///   - threads: How many columns are decoded at a time, on the framework's thread pool; all of it when `nil`.
  /// - Throws: ``DataError``.
  public func readRowGroups(
    columns: [String]? = nil, rowGroups: [Int]? = nil, threads: Int? = nil
  ) throws(DataError) -> [ColumnBatch] {
    let positions = try positions(columns)
    let chosen = rowGroups ?? Array(groups.indices)
    for index in chosen where !groups.indices.contains(index) {
      throw DataError(.missingColumn, file: path, "there is no row group \(index); there are \(groups.count)")
    }
    // A unit of work is one column of one row group.
    let units = chosen.flatMap { group in positions.map { (group, $0) } }
    let results = Mutex([Result<Column, DataError>?](repeating: nil, count: units.count))
    let pieces = max(1, min(threads ?? Parallel.threadCount, units.count))
    let next = Atomic(0)
    Parallel.forEach(pieces) { range in
      for _ in range {
        while true {
          let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if unit >= units.count { break }
          let result = Result { () throws(DataError) -> Column in
            let (group, position) = units[unit]
            var reader = try ColumnReader(self, group: group, position: position)
            return try reader.read(rows: groups[group].rowCount)
          }
          results.withLock { $0[unit] = result }
        }
      }
    }
    let columns = results.withLock { $0 }
    let names = Record.Names(positions.map { fields[$0].name })
    var batches: [ColumnBatch] = []
    for (index, group) in chosen.enumerated() {
      var row: [Column] = []
      for column in 0..<positions.count { row.append(try columns[index * positions.count + column]!.get()) }
      batches.append(ColumnBatch(rowCount: groups[group].rowCount, columns: row, names: names))
    }
    return batches
  }
}

/// Reads one column of the top level, of one row group, from front to back.
struct ColumnReader {
  private let path: String
  private let node: ParquetSchema.Node
  private var leaves: [LeafReader]
  private var remaining: Int

  init(_ file: ParquetFile, group: Int, position: Int) throws(DataError) {
    path = file.path
    node = file.schema.nodes[position]
    remaining = file.groups[group].rowCount
    leaves = []
    for leaf in node.leaves { leaves.append(try LeafReader(file.file, file.groups[group].chunks[leaf.index], leaf)) }
  }

  mutating func read(rows: Int) throws(DataError) -> Column {
    precondition(rows <= remaining, "ColumnReader: more rows than there are")
    remaining -= rows
    var batches: [Int: LeafReader.Batch] = [:]
    for index in leaves.indices {
      let batch = try leaves[index].read(rows: rows)
      batches[batch.leaf.index] = batch
    }
    return try ColumnAssembly(file: path, batches: batches).column(node, rows: rows)
  }

  mutating func skip(rows: Int) throws(DataError) {
    precondition(rows <= remaining, "ColumnReader: more rows than there are")
    remaining -= rows
    for index in leaves.indices { try leaves[index].skip(rows: rows) }
  }
}
