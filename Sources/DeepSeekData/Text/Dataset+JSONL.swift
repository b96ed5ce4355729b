public import DeepSeekJSON
import Foundation

extension Dataset where Example == Record {
  /// The rows of a file with a JSON object on each line; empty lines are left out. Objects become records, arrays lists.
  ///
  /// - Parameter columns: The members wanted, in the order wanted, null where a line has none; all of each line when `nil`.
  /// - Throws: ``DataError``; from the iterator when a line is no JSON object.
  public static func fromJSONL(_ path: String, columns: [String]? = nil) throws(DataError) -> Dataset<Record> {
    jsonLines(try DataFile(path: path), columns: columns)
  }

  /// The same of a file that is open.
  static func jsonLines(_ file: DataFile, columns: [String]?) -> Dataset<Record> {
    let fixed = columns.map { Record.Names($0) }
    return Dataset<Record> { (_) throws(DataError) in
      var last: Record.Names?
      return LineStream(file, kind: "jsonl") { (bytes, line, offset) throws(DataError) in
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return nil }
        let parsed: JSONValue
        do throws(JSONError) {
          parsed = try JSONValue(parsing: bytes.assumingMemoryBound(to: UInt8.self))
        } catch {
          throw DataError(
            .malformed, file: file.path, offset: offset + error.offset, line: line, "the line is no JSON: \(error)",
            advice: "each line must be one JSON object")
        }
        guard case .object(let object) = parsed else {
          throw DataError(
            .malformed, file: file.path, offset: offset, line: line, "the line is \(parsed.kind)",
            advice: "each line must be one JSON object")
        }
        if let fixed {
          return Record(names: fixed, values: fixed.all.map { object[$0].map { Value(json: $0) } ?? .null })
        }
        // Lines mostly have the same members, and then share their names.
        if last?.all != object.keys { last = Record.Names(object.keys) }
        return Record(names: last!, values: object.members.map { Value(json: $0.value) })
      }
    }
  }
}

extension Value {
  /// A JSON value. An integer stays one, and any other number is a floating-point number.
  public init(json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .double(let value): self = .float(value)
    case .string(let value): self = .string(value)
    case .array(let elements): self = .list(elements.map { Value(json: $0) })
    case .object(let object):
      self = .record(
        Record(names: Record.Names(object.keys), values: object.members.map { Value(json: $0.value) }))
    }
  }

  /// The value in JSON, for people and other programs to read: bytes in base 64, decimals, dates and times as text (ISO
  /// 8601), maps as lists of pairs, and numbers that JSON lacks as text.
  public var json: JSONValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .unsigned(let value): .string(String(value))
    case .float(let value): value.isFinite ? .double(value) : .string("\(value)")
    case .string(let value): .string(value)
    case .bytes(let value): .string(Data(value).base64EncodedString())
    case .decimal(let value): .string(value.description)
    case .date(let days): .string(CalendarText.date(days))
    case .time(let count, let unit): .string(CalendarText.time(count, unit))
    case .timestamp(let count, let unit): .string(CalendarText.timestamp(count, unit))
    case .duration(let count, let unit): .string("\(count) \(unit.rawValue)")
    case .interval(let months, let days, let nanoseconds):
      ["months": .integer(months), "days": .integer(days), "nanoseconds": .integer(nanoseconds)]
    case .list(let elements): .array(elements.map(\.json))
    case .record(let record): record.json
    case .map(let entries): .array(entries.map { .array([$0.key.json, $0.value.json]) })
    }
  }
}

extension Record {
  /// The row as a JSON object; see ``Value/json``.
  public var json: JSONValue {
    var object = JSONObject()
    for (name, value) in zip(names.all, values) { object[name] = value.json }
    return .object(object)
  }
}

extension Record: CustomStringConvertible {
  /// The row as JSON, on one line.
  public var description: String { (try? json.jsonText()) ?? "a row of \(names.all.joined(separator: ", "))" }
}
