import DeepSeekCheckpoints
public import DeepSeekRecords
import DeepSeekTensor

extension Dataset where Example == Record {
  /// The rows of a TFRecord file of `tf.train.Example`s, plain or compressed with gzip or zlib, each checked against its
  /// checksums. Columns are in the order of their names.
  ///
  /// The format has neither scalars nor texts, only lists of integers, floating-point numbers and bytes. The first 100 rows
  /// tell: what always has one element is a scalar, and bytes that always are UTF-8 are texts.
  ///
  /// - Parameters:
  ///   - path: The file. Its first rows are read at once.
  ///   - features: What is wanted, by name, and in which shape: `.fixed([], …)` for a scalar, anything else for a list. All,
  ///     as the first rows have them, when `nil`.
  /// - Throws: ``DataError``; from the iterator when a row is damaged, or a scalar has several elements.
  public static func fromTFRecord(
    _ path: String, features: [String: FeatureSpecification]? = nil
  ) throws(DataError) -> Dataset<Record> {
    let table = try TFRecordTable(path, features)
    return Dataset<Record> { (_) throws(DataError) in try TFRecordStream(table) }
  }
}

/// A TFRecord file's columns.
private struct TFRecordTable: Sendable {
  let path: String
  let names: Record.Names
  private let isScalar: [Bool]
  private let isText: [Bool]

  private static let sampleCount = 100

  init(_ path: String, _ features: [String: FeatureSpecification]?) throws(DataError) {
    self.path = path
    let reader = try TFRecordTable.reading(path) { try RecordReader(path) }
    var lists: Set<String> = []
    var raw: Set<String> = []
    var seen: Set<String> = []
    for row in 0..<TFRecordTable.sampleCount {
      guard let example = try TFRecordTable.next(reader, path, row) else { break }
      for (name, feature) in example.features {
        seen.insert(name)
        if feature.count > 1 { lists.insert(name) }
        if case .bytes(let elements) = feature, !elements.allSatisfy({ String(validating: $0, as: UTF8.self) != nil }) {
          raw.insert(name)
        }
      }
    }
    let names = (features.map { Array($0.keys) } ?? Array(seen)).sorted()
    self.names = Record.Names(names)
    isScalar = names.map { name in
      guard let specification = features?[name] else { return !lists.contains(name) }
      return specification.length == .fixed([])
    }
    isText = names.map { !raw.contains($0) }
  }

  /// The next example of a file; `nil` at its end.
  static func next(_ reader: RecordReader, _ path: String, _ row: Int) throws(DataError) -> DeepSeekRecords.Example? {
    try reading(path, row) { try reader.next().map { try DeepSeekRecords.Example($0) } }
  }

  static func reading<Result>(_ path: String, _ row: Int? = nil, _ body: () throws -> Result) throws(DataError)
    -> Result
  {
    do {
      return try body()
    } catch let error as CheckpointError {
      throw DataError(error)
    } catch {
      throw DataError(.malformed, file: path, "row \(row ?? 0): \(error)", advice: DataError.writeAgain)
    }
  }

  func record(_ example: DeepSeekRecords.Example, row: Int) throws(DataError) -> Record {
    var values: [Value] = []
    values.reserveCapacity(names.all.count)
    for (index, name) in names.all.enumerated() {
      let elements = try self.elements(example.features[name], name, row, isText: isText[index])
      if isScalar[index] {
        guard elements.count <= 1 else {
          throw DataError(
            .typeMismatch, file: path, item: name,
            "row \(row) has \(elements.count) elements, where the first rows have one",
            advice: "give the column's shape when you open the file")
        }
        values.append(elements.first ?? .null)
      } else {
        values.append(.list(elements))
      }
    }
    return Record(names: names, values: values)
  }

  private func elements(
    _ feature: Feature?, _ name: String, _ row: Int, isText: Bool
  ) throws(DataError) -> [Value] {
    switch feature {
    case nil: return []
    case .integers(let elements): return elements.map { .integer(Int($0)) }
    case .floats(let elements): return elements.map { .float(Double($0)) }
    case .bytes(let elements):
      guard isText else { return elements.map { .bytes($0) } }
      var texts: [Value] = []
      for bytes in elements {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DataError(.typeMismatch, file: path, item: name, "row \(row) is not UTF-8, where the first rows are")
        }
        texts.append(.string(text))
      }
      return texts
    }
  }
}

private final class TFRecordStream: ExampleStream<Record> {
  private let table: TFRecordTable
  private let reader: RecordReader
  private var row = 0

  init(_ table: TFRecordTable) throws(DataError) {
    self.table = table
    reader = try TFRecordTable.reading(table.path) { try RecordReader(table.path) }
  }

  override func next() throws(DataError) -> Record? {
    guard let example = try TFRecordTable.next(reader, table.path, row) else { return nil }
    row += 1
    return try table.record(example, row: row - 1)
  }

  override func state() -> DatasetState { DatasetState("tfrecord", [row]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("tfrecord", counts: 1, inner: 0)
    try skipAll(state.counts[0])
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    var skipped = 0
    while skipped < count, try TFRecordTable.reading(table.path, row, { try reader.withNext { _ in true } }) != nil {
      skipped += 1
      row += 1
    }
    return skipped
  }
}
