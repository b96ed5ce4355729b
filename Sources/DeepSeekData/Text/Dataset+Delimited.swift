/// The type of a column of text.
public enum DelimitedType: String, Sendable, Hashable {
  /// Whole numbers of 64 bits; an empty field is null.
  case integer
  /// Floating-point numbers; an empty field is null.
  case float
  /// `true` or `false`, in any case; an empty field is null.
  case bool
  /// Texts.
  case string
}

extension Dataset where Example == Record {
  /// The rows of a table with commas; see ``fromDelimited(_:format:types:otherwise:)``.
  public static func fromCSV(
    _ path: String, types: [String: DelimitedType] = [:], otherwise: DelimitedType? = nil
  ) throws(DataError) -> Dataset<Record> {
    try fromDelimited(path, format: .csv, types: types, otherwise: otherwise)
  }

  /// The rows of a table with tabs and no quotes, as GLUE has them; see ``fromDelimited(_:format:types:otherwise:)``.
  public static func fromTSV(
    _ path: String, types: [String: DelimitedType] = [:], otherwise: DelimitedType? = nil
  ) throws(DataError) -> Dataset<Record> {
    try fromDelimited(path, format: .tsv, types: types, otherwise: otherwise)
  }

  /// The rows of a table in text. Empty lines are left out.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - format: Delimiter, quotes, header.
  ///   - types: Columns' types.
  ///   - otherwise: The type of all other columns. When `nil`, types come from the first 1,000 rows: integer, floating-point
  ///     number or Boolean when all that is there is one, else text. Whole numbers with zeros in front are taken for text.
  /// - Throws: ``DataError``; from the iterator when a row has too few or too many fields, or a field is not of its type.
  public static func fromDelimited(
    _ path: String, format: DelimitedFormat, types: [String: DelimitedType] = [:], otherwise: DelimitedType? = nil
  ) throws(DataError) -> Dataset<Record> {
    let table = try DelimitedTable(DataFile(path: path), format, types, otherwise: otherwise)
    return Dataset<Record> { (_) throws(DataError) in
      DelimitedStream(table.reader()) { (row) throws(DataError) in try table.record(row) }
    }
  }
}

/// A table's columns and where its rows begin.
struct DelimitedTable: Sendable {
  let names: Record.Names
  let types: [DelimitedType]
  /// Whether a column's type was told by its first rows.
  private let isGuessed: [Bool]
  private let file: DataFile
  private let format: DelimitedFormat
  private let start: (position: Int, line: Int)

  private static let sampleCount = 1000

  init(
    _ file: DataFile, _ format: DelimitedFormat, _ given: [String: DelimitedType], otherwise: DelimitedType?
  ) throws(DataError) {
    self.file = file
    self.format = format
    var reader = DelimitedReader(file, format)
    let first = try reader.next()?.fields ?? []
    let names = format.hasHeader ? first : first.indices.map { "column\($0)" }
    for name in given.keys.sorted() where !names.contains(name) {
      throw .missingColumn(name, among: names, file: file.path)
    }
    if !format.hasHeader { reader = DelimitedReader(file, format) }
    start = (reader.position, reader.line)
    self.names = Record.Names(names)
    var guesses = [TypeGuess](repeating: TypeGuess(), count: names.count)
    if otherwise == nil, names.contains(where: { given[$0] == nil }) {
      var sampled = 0
      while sampled < DelimitedTable.sampleCount, let row = try reader.next() {
        sampled += 1
        for (index, field) in row.fields.enumerated() where index < names.count { guesses[index].see(field) }
      }
    }
    types = zip(names, guesses).map { given[$0] ?? otherwise ?? $1.type }
    isGuessed = names.map { given[$0] == nil && otherwise == nil }
  }

  /// A reader of the rows after the header.
  func reader() -> DelimitedReader {
    var reader = DelimitedReader(file, format)
    reader.move(to: start.position, line: start.line)
    return reader
  }

  func record(_ row: DelimitedRow) throws(DataError) -> Record {
    let (fields, line) = (row.fields, row.line)
    guard fields.count == types.count else {
      throw DataError(
        .malformed, file: file.path, line: line, "\(fields.count) fields; \(types.count) are expected",
        advice: "check the delimiter, and quotes around fields that contain it")
    }
    var values: [Value] = []
    values.reserveCapacity(fields.count)
    for (index, field) in fields.enumerated() {
      guard let value = types[index].value(field) else {
        throw DataError(
          .typeMismatch, file: file.path, item: names.all[index], line: line,
          "'\(field.prefix(40))' is not of the type \(types[index].rawValue)",
          advice: isGuessed[index] ? "the first rows are; give the column's type when you open the file" : "")
      }
      values.append(value)
    }
    return Record(names: names, values: values)
  }
}

/// What a column's fields may be, by those seen.
private struct TypeGuess {
  private var isInteger = true
  private var isFloat = true
  private var isBool = true
  private var hasValue = false

  mutating func see(_ field: String) {
    if field.isEmpty { return }
    hasValue = true
    if isInteger { isInteger = TypeGuess.isWhole(field) && Int(field) != nil }
    // Digits alone that are too many for an integer would lose some as a float.
    if isFloat { isFloat = TypeGuess.isNumber(field) && (Int(field) != nil || !TypeGuess.isDigits(field)) }
    if isBool { isBool = DelimitedType.bool.value(field) != nil }
  }

  var type: DelimitedType {
    guard hasValue else { return .string }
    return isInteger ? .integer : isFloat ? .float : isBool ? .bool : .string
  }

  /// Digits without needless zeros in front: those make an identifier.
  private static func isWhole(_ field: String) -> Bool {
    let digits = field.utf8.first == UInt8(ascii: "-") ? field.utf8.dropFirst() : field.utf8[...]
    return digits.first != UInt8(ascii: "0") || digits.count == 1
  }

  private static func isDigits(_ field: String) -> Bool {
    field.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }.allSatisfy { 0x30...0x39 ~= $0 }
  }

  private static func isNumber(_ field: String) -> Bool {
    let digits = field.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    let isPadded = digits.first == UInt8(ascii: "0") && digits.dropFirst().first.map { 0x30...0x39 ~= $0 } ?? false
    return !isPadded && DelimitedType.float.value(field) != nil && digits.allSatisfy { !(0x67...0x7A ~= $0) }
  }
}

extension DelimitedType {
  /// A field's value; `nil` when it is not of the type.
  func value(_ field: String) -> Value? {
    if field.isEmpty && self != .string { return .null }
    switch self {
    case .integer: return Int(field).map { .integer($0) }
    case .float: return Double(field).map { .float($0) }
    case .bool:
      switch field.lowercased() {
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: return nil
      }
    case .string: return .string(field)
    }
  }
}

/// The fields of a row and the line on which it begins.
struct DelimitedRow: Sendable {
  let fields: [String]
  let line: Int
}

extension Dataset where Example == DelimitedRow {
  /// The rows from where a reader stands, as they are.
  static func delimitedRows(_ reader: DelimitedReader) -> Dataset<DelimitedRow> {
    Dataset<DelimitedRow> { (_) throws(DataError) in DelimitedStream(reader) { (row) throws(DataError) in row } }
  }
}

/// What is made of each row of a table in text.
private final class DelimitedStream<Example: Sendable>: ExampleStream<Example> {
  private var reader: DelimitedReader
  private let example: (DelimitedRow) throws(DataError) -> Example

  init(_ reader: DelimitedReader, _ example: @escaping (DelimitedRow) throws(DataError) -> Example) {
    self.reader = reader
    self.example = example
  }

  override func next() throws(DataError) -> Example? {
    guard let row = try reader.next() else { return nil }
    return try example(row)
  }

  override func state() -> DatasetState { DatasetState("table", [reader.position, reader.line]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("table", counts: 2, inner: 0)
    try checkPosition(state.counts[0], in: reader.file)
    reader.move(to: state.counts[0], line: state.counts[1])
  }
}
