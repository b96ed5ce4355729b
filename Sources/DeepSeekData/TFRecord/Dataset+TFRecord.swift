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
  ///     as the first rows have them, when `nil`. A row without a feature has the specification's default, or else null or an
  ///     empty list.
  ///   - largestRecord: The most bytes that a row of a compressed file may have; see `RecordReader`.
  /// - Throws: ``DataError``; from the iterator when a row is damaged, or a scalar has several elements.
  public static func fromTFRecord(
    _ path: String, features: [String: FeatureSpecification]? = nil,
    largestRecord: Int = RecordReader.usualLargestRecord
  ) throws(DataError) -> Dataset<Record> {
    let table = try TFRecordTable(path, features, largestRecord)
    return Dataset<Record> { (_) throws(DataError) in try TFRecordStream(table) }
  }
}

/// A TFRecord file's columns.
private struct TFRecordTable: Sendable {
  let path: String
  let names: Record.Names
  private let isScalar: [Bool]
  private let isText: [Bool]
  /// What a row without the feature has; `nil` for a column without a default.
  private let defaults: [Feature?]
  private let largestRecord: Int

  private static let sampleCount = 100

  init(
    _ path: String, _ features: [String: FeatureSpecification]?, _ largestRecord: Int
  ) throws(DataError) {
    self.path = path
    self.largestRecord = largestRecord
    let reader = try TFRecordTable.reading(path) { try RecordReader(path, largestRecord: largestRecord) }
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
    isText = names.map { name in
      guard case .bytes(let elements)? = features?[name]?.defaultValue else { return !raw.contains(name) }
      return !raw.contains(name) && elements.allSatisfy { String(validating: $0, as: UTF8.self) != nil }
    }
    var defaults: [Feature?] = []
    for name in names { defaults.append(try TFRecordTable.filled(features?[name], name, path)) }
    self.defaults = defaults
  }

  /// A specification's default, with as many elements as its shape has.
  private static func filled(
    _ specification: FeatureSpecification?, _ name: String, _ path: String
  ) throws(DataError) -> Feature? {
    guard let specification, let value = specification.defaultValue else { return nil }
    guard case .fixed(let shape) = specification.length, value.count != shape.elementCount else { return value }
    guard value.count == 1 else {
      throw DataError(
        .typeMismatch, file: path, item: name,
        "its default has \(value.count) elements; 1 or the \(shape.elementCount) of \(shape) are expected")
    }
    switch value {
    case .integers(let elements): return .integers(Array(repeating: elements[0], count: shape.elementCount))
    case .floats(let elements): return .floats(Array(repeating: elements[0], count: shape.elementCount))
    case .bytes(let elements): return .bytes(Array(repeating: elements[0], count: shape.elementCount))
    }
  }

  /// A reader of the file.
  func reader() throws(DataError) -> RecordReader {
    try TFRecordTable.reading(path) { try RecordReader(path, largestRecord: largestRecord) }
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
      let feature = example.features[name].flatMap { $0.count == 0 ? nil : $0 } ?? defaults[index]
      let elements = try self.elements(feature, name, row, isText: isText[index])
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
    reader = try table.reader()
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
