/// Makes examples of the rows of a table of the original distribution.
///
/// A row may have more fields than the header has names. Quotes are ordinary characters everywhere.
struct GLUETableReader: Sendable {
  /// A reader that stands at the first row.
  let start: DelimitedReader
  private let path: String
  private let table: GLUETable
  private let task: GLUETask
  private let texts: [Int]
  private let label: Int?
  private let pair: [Int]

  init(_ path: String, _ table: GLUETable, _ task: GLUETask) throws(DataError) {
    self.path = path
    self.table = table
    self.task = task
    var reader = DelimitedReader(try DataFile(path: path), .tsv)
    let names = table.hasHeader ? try reader.next()?.fields ?? [] : []
    func position(_ name: String) throws(DataError) -> Int {
      if !table.hasHeader, let number = Int(name) { return number }
      guard let position = names.firstIndex(of: name) else {
        throw .missingColumn(name, among: names, file: path, line: 1)
      }
      return position
    }
    var texts: [Int] = []
    for name in table.texts { texts.append(try position(name)) }
    self.texts = texts
    if let name = table.label { label = try position(name) } else { label = nil }
    pair = table.selection == .all ? [] : [try position("#1 ID"), try position("#2 ID")]
    start = reader
  }

  /// The identifiers of a row's two sentences.
  func identifiers(_ row: DelimitedRow) throws(DataError) -> [String] {
    var result: [String] = []
    for position in pair { result.append(try field(position, row)) }
    return result
  }

  /// The example of a row, the `number`-th of the file from 0; `nil` for one that is left out.
  func example(_ row: DelimitedRow, _ number: Int) throws(DataError) -> GLUEExample? {
    if table.skipsBrokenRows, isBroken(row) { return nil }
    let first = try field(texts[0], row)
    let second = texts.count > 1 ? try field(texts[1], row) : nil
    guard let label else { return GLUEExample(first: first, second: second, label: nil, index: number) }
    return GLUEExample(first: first, second: second, label: try value(field(label, row), row), index: number)
  }

  private func isBroken(_ row: DelimitedRow) -> Bool {
    let needed = label.map { texts + [$0] } ?? texts
    return needed.contains { $0 >= row.fields.count } || label.map { row.fields[$0].isEmpty } ?? false
  }

  private func field(_ position: Int, _ row: DelimitedRow) throws(DataError) -> String {
    guard position < row.fields.count else {
      throw DataError(
        .malformed, file: path, line: row.line, "\(row.fields.count) fields; at least \(position + 1) are expected",
        advice: DataError.downloadAgain)
    }
    return row.fields[position]
  }

  /// A label's number: the place of its name, or the number itself.
  private func value(_ text: String, _ row: DelimitedRow) throws(DataError) -> Double {
    if let position = task.labelNames.firstIndex(of: text) { return Double(position) }
    guard let number = Double(text), number != -1, task.allows(number) else {
      let expected = task.isRegression ? "a score" : task.labelNames.joined(separator: ", ") + " or its number"
      throw DataError(
        .typeMismatch, file: path, item: table.label, line: row.line,
        "the label is '\(text.prefix(40))'; \(expected) is expected")
    }
    return number
  }
}
