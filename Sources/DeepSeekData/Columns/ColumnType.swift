/// The type of a column's values.
public indirect enum ColumnType: Sendable, Hashable {
  /// Only nulls.
  case null
  /// Truth values.
  case bool
  /// Integers of 8, 16, 32 or 64 bits.
  case integer(bits: Int, signed: Bool)
  /// Floating-point numbers of 16, 32 or 64 bits.
  case float(bits: Int)
  /// Texts.
  case string
  /// Bytes.
  case bytes
  /// Bytes, always so many.
  case fixedBytes(Int)
  /// Identifiers of 16 bytes, given as text in the form `8-4-4-4-12`.
  case uuid
  /// Decimal numbers.
  case decimal(precision: Int, scale: Int)
  /// Days.
  case date
  /// Times of day.
  case time(TimeUnit)
  /// Moments, in UTC or by a clock of unknown zone.
  case timestamp(TimeUnit, isUTC: Bool)
  /// Spans of time.
  case duration(TimeUnit)
  /// Calendar spans.
  case interval
  /// Lists of a type.
  case list(ColumnType)
  /// Lists of always so many elements.
  case fixedList(ColumnType, Int)
  /// Named values.
  case record([ColumnField])
  /// Pairs.
  case map(key: ColumnType, value: ColumnType)
}

/// A column's name and type.
public struct ColumnField: Sendable, Hashable {
  /// The name.
  public let name: String
  /// The type of the values.
  public let type: ColumnType
  /// Whether values may be null.
  public let isNullable: Bool

  /// A column.
  public init(name: String, type: ColumnType, isNullable: Bool) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }
}

extension ColumnField {
  /// Where columns stand among the fields of a file, by name; all of them for `nil`.
  static func positions(_ names: [String]?, in fields: [ColumnField], file: String) throws(DataError) -> [Int] {
    guard let names else { return Array(fields.indices) }
    var positions: [Int] = []
    for name in names {
      guard let position = fields.firstIndex(where: { $0.name == name }) else {
        throw .missingColumn(name, among: fields.map(\.name), file: file)
      }
      positions.append(position)
    }
    return positions
  }
}

extension ColumnType: CustomStringConvertible {
  /// A short name in the manner of Arrow: `int64`, `list<float32>`, `timestamp[us, UTC]`.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .integer(let bits, let signed): "\(signed ? "" : "u")int\(bits)"
    case .float(let bits): "float\(bits)"
    case .string: "string"
    case .bytes: "bytes"
    case .fixedBytes(let count): "bytes[\(count)]"
    case .uuid: "uuid"
    case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
    case .date: "date"
    case .time(let unit): "time[\(unit.rawValue)]"
    case .timestamp(let unit, let isUTC): "timestamp[\(unit.rawValue)\(isUTC ? ", UTC" : "")]"
    case .duration(let unit): "duration[\(unit.rawValue)]"
    case .interval: "interval"
    case .list(let element): "list<\(element)>"
    case .fixedList(let element, let count): "list<\(element)>[\(count)]"
    case .record(let fields): "record<\(fields.map { "\($0.name): \($0.type)" }.joined(separator: ", "))>"
    case .map(let key, let value): "map<\(key), \(value)>"
    }
  }
}
