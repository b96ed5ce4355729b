import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekData

extension TemporaryFolder {
  /// Writes a text and gives its path.
  func write(_ name: String, _ text: String) throws -> String {
    try AtomicFile.write(Array(text.utf8), to: file(name), synchronizes: false)
    return file(name)
  }
}

/// A file of the fixtures.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// A file's bytes.
func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The columns that a fixture must have, by name.
func expected(_ name: String) throws -> JSONObject {
  let options = JSONParsingOptions(duplicateKeys: .reject)
  return try #require(try JSONValue(parsing: contents(fixture(name)), options: options).object)
}

/// The rows of a data set, as columns in JSON.
func columns(_ dataset: Dataset<Record>) throws -> [String: [JSONValue]] {
  var columns: [String: [JSONValue]] = [:]
  try dataset.forEach { row in
    for (name, value) in zip(row.names.all, row.values) { columns[name, default: []].append(value.json) }
  }
  return columns
}

/// Whether two values are the same, a whole number being the same with and without a fraction.
func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
  switch (left, right) {
  case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(same)
  case (.object(let a), .object(let b)):
    a.keys == b.keys && zip(a.members, b.members).allSatisfy { same($0.value, $1.value) }
  case (.integer(let a), .double(let b)), (.double(let b), .integer(let a)): Double(a) == b
  default: left == right
  }
}

/// Compares columns with a fixture's, and names what differs.
func compare(
  _ found: [String: [JSONValue]], _ wanted: JSONObject, _ file: String, only names: [String]? = nil
) {
  for member in wanted.members where names?.contains(member.key) ?? true {
    guard let column = found[member.key], let values = member.value.array else {
      Issue.record("\(file): no column '\(member.key)'")
      continue
    }
    #expect(column.count == values.count, "\(file), '\(member.key)'")
    for (row, pair) in zip(column, values).enumerated() where !same(pair.0, pair.1) {
      Issue.record("\(file), '\(member.key)', row \(row): \(pair.0) instead of \(pair.1)")
      break
    }
  }
}

/// The error that `body` throws, when it is a `DataError`.
func dataError(_ body: () throws -> Void) -> DataError? {
  do {
    try body()
    return nil
  } catch {
    return error as? DataError
  }
}
