extension Dataset where Example == Record {
  /// The rows of an Arrow IPC stream or file, as Hugging Face's cache has them.
  ///
  /// - Parameter columns: The columns wanted, in the order wanted; all when `nil`.
  /// - Throws: ``DataError``.
  public static func fromArrow(_ path: String, columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    let file = try ArrowFile(path: path)
    let positions = try file.positions(columns)
    return Dataset<Record> { (_) throws(DataError) in ArrowStream(file, positions) }
  }

  /// The rows of several Arrow files with the same columns, one file after the other.
  public static func fromArrow(_ paths: [String], columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    var parts: [Dataset<Record>] = []
    for path in paths { parts.append(try fromArrow(path, columns: columns)) }
    return concatenating(parts)
  }
}

private final class ArrowStream: ExampleStream<Record> {
  private let file: ArrowFile
  private let positions: [Int]
  private var dictionaries = ArrowDictionaries()
  /// The present batch and row; the batch is read when a row of it is asked for.
  private var index = 0
  private var row = 0
  private var batch: ColumnBatch?
  private var position = 0

  init(_ file: ArrowFile, _ positions: [Int]) {
    self.file = file
    self.positions = positions
  }

  override func next() throws(DataError) -> Record? {
    while index < file.batchSizes.count, row == file.batchSizes[index] {
      index += 1
      row = 0
      batch = nil
    }
    guard index < file.batchSizes.count else { return nil }
    if batch == nil { batch = try file.readBatch(index, positions, &dictionaries) }
    defer {
      row += 1
      position += 1
    }
    return try batch!.record(at: row)
  }

  override func state() -> DatasetState { DatasetState("arrow", [position]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("arrow", counts: 1, inner: 0)
    try skipAll(state.counts[0])
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    var left = wanted
    while left > 0 && index < file.batchSizes.count {
      let step = min(left, file.batchSizes[index] - row)
      row += step
      left -= step
      if left > 0 {
        index += 1
        row = 0
        batch = nil
      }
    }
    position += wanted - left
    return wanted - left
  }
}
