extension Dataset where Example == Record {
  /// The rows of a Parquet file, read a piece at a time.
  ///
  /// - Parameters:
  ///   - path: The file. It is opened at once, so that a wrong path or a damaged file shows here.
  ///   - columns: The columns wanted, in the order wanted; all when `nil`. The others' bytes are not touched.
  /// - Throws: ``DataError``.
  public static func fromParquet(_ path: String, columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    let file = try ParquetFile(path: path)
    let positions = try file.positions(columns)
    return Dataset<Record> { (_) throws(DataError) in ParquetStream(file, positions) }
  }

  /// The rows of several Parquet files with the same columns, one file after the other.
  public static func fromParquet(_ paths: [String], columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    var parts: [Dataset<Record>] = []
    for path in paths { parts.append(try fromParquet(path, columns: columns)) }
    return concatenating(parts)
  }
}

/// Rows of a Parquet file, a piece of a row group at a time.
private final class ParquetStream: ExampleStream<Record> {
  private let file: ParquetFile
  private let positions: [Int]
  private let names: Record.Names
  private var group = 0
  /// Rows of the present group that no batch has had.
  private var remaining: Int
  private var readers: [ColumnReader]?
  private var batch: ColumnBatch?
  private var row = 0
  private var position = 0

  /// About how many bytes of the file make a batch.
  private static let batchByteCount = 4 << 20
  private static let largestBatch = 4096

  init(_ file: ParquetFile, _ positions: [Int]) {
    self.file = file
    self.positions = positions
    names = Record.Names(positions.map { file.fields[$0].name })
    remaining = file.rowGroupSizes.first ?? 0
  }

  override func next() throws(DataError) -> Record? {
    if batch == nil || row == batch!.rowCount {
      batch = nil
      guard try open() else { return nil }
      batch = try read(min(remaining, batchSize))
      row = 0
    }
    defer {
      row += 1
      position += 1
    }
    return try batch!.record(at: row)
  }

  /// Goes on to a group with rows left; `false` at the end.
  private func open() throws(DataError) -> Bool {
    while remaining == 0 {
      guard group + 1 < file.groups.count else { return false }
      group += 1
      readers = nil
      remaining = file.groups[group].rowCount
    }
    if readers == nil {
      var opened: [ColumnReader] = []
      for position in positions { opened.append(try ColumnReader(file, group: group, position: position)) }
      readers = opened
    }
    return true
  }

  private var batchSize: Int {
    let group = file.groups[group]
    let byteCount = group.chunks.reduce(0) { $0 &+ max(0, $1.byteCount) }
    let perRow = max(1, byteCount / max(1, group.rowCount))
    return min(ParquetStream.largestBatch, max(1, ParquetStream.batchByteCount / perRow))
  }

  private func read(_ rows: Int) throws(DataError) -> ColumnBatch {
    var columns: [Column] = []
    for index in readers!.indices { columns.append(try readers![index].read(rows: rows)) }
    remaining -= rows
    return ColumnBatch(rowCount: rows, columns: columns, names: names)
  }

  override func state() -> DatasetState { DatasetState("parquet", [position]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("parquet", counts: 1, inner: 0)
    try skipAll(state.counts[0])
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    var left = wanted
    if let batch {
      let step = min(left, batch.rowCount - row)
      row += step
      left -= step
    }
    while left > 0 {
      // A group that is skipped whole is not opened.
      if readers == nil && remaining > 0 && remaining <= left || remaining == 0 {
        left -= remaining
        remaining = 0
        guard group + 1 < file.groups.count else { break }
        group += 1
        readers = nil
        remaining = file.groups[group].rowCount
        continue
      }
      guard try open() else { break }
      let step = min(left, remaining)
      for index in readers!.indices { try readers![index].skip(rows: step) }
      remaining -= step
      left -= step
      batch = nil
    }
    if left < wanted && row == batch?.rowCount { batch = nil }
    position += wanted - left
    return wanted - left
  }
}
