/// The kinds of file that hold rows.
public enum DataFormat: String, Sendable, Hashable, CaseIterable {
  /// Apache Parquet.
  case parquet
  /// TensorFlow's TFRecord of `tf.train.Example`s, plain or compressed.
  case tfrecord
  /// Apache Arrow's IPC stream or file.
  case arrow
  /// A table with commas.
  case csv
  /// A table with tabs.
  case tsv
  /// A JSON object on each line.
  case jsonl
  /// Lines of text.
  case text

  /// The format that a file's name says; `nil` when it says none.
  public init?(path: String) {
    // Records are compressed as a whole, and then have a second ending.
    let endings = path.split(separator: "/").last?.lowercased().split(separator: ".") ?? []
    let isPacked = ["gz", "zz"].contains(endings.last ?? "")
    switch isPacked ? endings.dropLast().last : endings.last {
    case "tfrecord", "tfrecords": self = .tfrecord
    case _ where isPacked: return nil
    case "parquet", "pq": self = .parquet
    case "arrow", "arrows", "feather", "ipc": self = .arrow
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    case "txt", "text": self = .text
    default: return nil
    }
  }
}

/// The rows of a file. The format is what the file's name ends in, unless it is given.
///
/// ```swift
/// let rows = try loadData("train.parquet")
/// ```
/// - Parameters:
///   - path: The file.
///   - format: Its format; by its name when `nil`.
///   - columns: The columns wanted, in the order wanted; all when `nil`.
/// - Throws: ``DataError`` when the format cannot be told, or what the format's own function throws.
public func loadData(
  _ path: String, format: DataFormat? = nil, columns: [String]? = nil
) throws(DataError) -> Dataset<Record> {
  guard let format = format ?? DataFormat(path: path) else {
    throw DataError(
      .unsupported, file: path, "its name does not say what format it has",
      advice: "give the format: \(DataFormat.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  let rows: Dataset<Record>
  switch format {
  case .parquet: return try .fromParquet(path, columns: columns)
  case .arrow: return try .fromArrow(path, columns: columns)
  case .tfrecord: rows = try .fromTFRecord(path)
  case .csv: rows = try .fromCSV(path)
  case .tsv: rows = try .fromTSV(path)
  case .jsonl: return try .fromJSONL(path, columns: columns)
  case .text: rows = try .fromText(path)
  }
  return columns.map { rows.select($0) } ?? rows
}

extension Dataset where Example == Record {
  /// Only these columns of each row, in this order. A row without one of them is a ``DataError`` from the iterator.
  public func select(_ columns: [String]) -> Dataset<Record> {
    let names = Record.Names(columns)
    return map(parallelism: 1) { row in Record(names: names, values: try names.all.map { try row.value($0) }) }
  }
}
