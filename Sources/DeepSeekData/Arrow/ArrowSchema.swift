/// A column's type as Arrow's messages have it.
///
/// Source: apache/arrow, format/Schema.fbs.
struct ArrowField: Sendable {
  /// How the values lie in a record batch.
  indirect enum Layout: Sendable {
    case null
    case bool
    case fixed(Int)
    case variable(isWide: Bool)
    case views
    case list(ArrowField, isWide: Bool)
    case fixedList(ArrowField, Int)
    case record([ArrowField])
    /// Days in milliseconds, which become days; and days with milliseconds, which become calendar spans.
    case dateInMilliseconds
    case dayTime

    /// Whether values take no bytes, so that any number of them can be declared.
    var isFree: Bool {
      switch self {
      case .null, .fixedList(_, 0): true
      case .record(let children): children.isEmpty
      default: false
      }
    }
  }

  let name: String
  let isNullable: Bool
  let type: ColumnType
  let layout: Layout
  /// The dictionary that holds the values, and how places in it are written.
  let dictionary: (id: Int, width: Int)?

  var columnField: ColumnField { ColumnField(name: name, type: type, isNullable: isNullable) }

  /// The fields of a schema's table.
  static func fields(_ schema: FlatTable) throws(DataError) -> [ArrowField] {
    guard try schema.number(0, Int16.self, or: 0) == 0 else {
      throw DataError(
        .unsupported, file: schema.file, "its numbers have the most significant byte first",
        advice: "write it on a little-endian machine")
    }
    var budget = schema.bytes.count
    var fields: [ArrowField] = []
    for table in try schema.tables(1) { fields.append(try ArrowField(table, inside: [], depth: 0, &budget)) }
    return fields
  }

  /// - Parameters:
  ///   - dictionaries: Those of the fields that this one lies in. A dictionary whose values lie in itself would hold each of
  ///     its own earlier contents.
  ///   - budget: How many fields and letters of names there may be yet: tables can be named by several offsets, so that a short
  ///     message could describe a tree without end.
  private init(
    _ table: FlatTable, inside dictionaries: [Int], depth: Int, _ budget: inout Int
  ) throws(DataError) {
    name = try table.string(0) ?? ""
    budget -= 1 + name.utf8.count
    guard depth < DataLimit.depth, budget >= 0 else {
      throw DataError(
        .unsupported, file: table.file,
        "its schema nests deeper than \(DataLimit.depth), or describes more than it has bytes")
    }
    isNullable = try table.number(1, UInt8.self, or: 0) != 0
    if let encoding = try table.table(4) {
      let index = try encoding.table(1)
      let bits = try index?.number(0, Int32.self, or: 0) ?? 32
      guard [8, 16, 32, 64].contains(bits) else {
        throw DataError(.malformed, file: table.file, item: name, "places in its dictionary have \(bits) bits")
      }
      dictionary = (try encoding.number(0, Int64.self, or: 0), bits / 8)
    } else {
      dictionary = nil
    }
    let inner = dictionaries + (dictionary.map { [$0.id] } ?? [])
    guard Set(inner).count == inner.count else {
      throw DataError(
        .malformed, file: table.file, item: name, "its dictionary's values lie in the same dictionary",
        advice: DataError.writeAgain)
    }
    var children: [ArrowField] = []
    for child in try table.tables(5) {
      children.append(try ArrowField(child, inside: inner, depth: depth + 1, &budget))
    }
    let code = try table.number(2, UInt8.self, or: 0)
    let details = try table.table(3)
    (type, layout) = try ArrowField.type(code, details, children, table.file, name)
  }

  private static let units: [TimeUnit] = [.second, .millisecond, .microsecond, .nanosecond]

  private static func type(
    _ code: Int, _ details: FlatTable?, _ children: [ArrowField], _ file: String, _ name: String
  ) throws(DataError) -> (ColumnType, Layout) {
    func number<Number: FixedWidthInteger & BitwiseCopyable>(
      _ index: Int, _ type: Number.Type, or other: Int
    ) throws(DataError) -> Int {
      try details?.number(index, type, or: other) ?? other
    }
    func malformed(_ message: String) -> DataError {
      DataError(.malformed, file: file, item: name, message, advice: DataError.writeAgain)
    }
    func unit(_ code: Int) throws(DataError) -> TimeUnit {
      guard units.indices.contains(code) else { throw malformed("time unit \(code) is not known") }
      return units[code]
    }
    func onlyChild() throws(DataError) -> ArrowField {
      guard children.count == 1 else { throw malformed("a list has \(children.count) element types") }
      return children[0]
    }
    switch code {
    case 1: return (.null, .null)
    case 2:
      let bits = try number(0, Int32.self, or: 0)
      guard [8, 16, 32, 64].contains(bits) else { throw malformed("an integer type has \(bits) bits") }
      return (.integer(bits: bits, signed: try number(1, UInt8.self, or: 0) != 0), .fixed(bits / 8))
    case 3:
      let precision = try number(0, Int16.self, or: 0)
      guard (0...2).contains(precision) else { throw malformed("floating-point precision \(precision) is not known") }
      return (.float(bits: 16 << precision), .fixed(2 << precision))
    case 4, 19: return (.bytes, .variable(isWide: code == 19))
    case 5, 20: return (.string, .variable(isWide: code == 20))
    case 6: return (.bool, .bool)
    case 7:
      let bits = try number(2, Int32.self, or: 128)
      guard [32, 64, 128, 256].contains(bits) else { throw malformed("a decimal type has \(bits) bits") }
      let scale = min(max(try number(1, Int32.self, or: 0), -1000), 1000)
      return (.decimal(precision: try number(0, Int32.self, or: 0), scale: scale), .fixed(bits / 8))
    case 8: return (.date, try number(0, Int16.self, or: 1) == 0 ? .fixed(4) : .dateInMilliseconds)
    case 9:
      let bits = try number(1, Int32.self, or: 32)
      guard bits == 32 || bits == 64 else { throw malformed("a time type has \(bits) bits") }
      return (.time(try unit(try number(0, Int16.self, or: 1))), .fixed(bits / 8))
    case 10:
      let zone = try details?.string(1)
      return (.timestamp(try unit(try number(0, Int16.self, or: 0)), isUTC: zone != nil), .fixed(8))
    case 11:
      switch try number(0, Int16.self, or: 0) {
      case 0: return (.interval, .fixed(4))
      case 1: return (.interval, .dayTime)
      case 2: return (.interval, .fixed(16))
      case let unit: throw malformed("interval unit \(unit) is not known")
      }
    case 12, 21:
      let child = try onlyChild()
      return (.list(child.type), .list(child, isWide: code == 21))
    case 13: return (.record(children.map(\.columnField)), .record(children))
    case 15:
      let width = try number(0, Int32.self, or: 0)
      guard width > 0 else { throw malformed("bytes of fixed length \(width)") }
      return (.fixedBytes(width), .fixed(width))
    case 16:
      let child = try onlyChild()
      let size = try number(0, Int32.self, or: 0)
      guard size >= 0 else { throw malformed("lists of \(size) elements") }
      return (.fixedList(child.type, size), .fixedList(child, size))
    case 17:
      let child = try onlyChild()
      guard case .record(let fields) = child.type, fields.count == 2 else {
        throw malformed("the entries of a map are no pairs")
      }
      return (.map(key: fields[0].type, value: fields[1].type), .list(child, isWide: false))
    case 18: return (.duration(try unit(try number(0, Int16.self, or: 1))), .fixed(8))
    case 23: return (.bytes, .views)
    case 24: return (.string, .views)
    default:
      let names = [14: "union", 22: "run-end encoding", 25: "list view", 26: "large list view"]
      throw DataError(
        .unsupported, file: file, item: name, "its type is \(names[code] ?? "number \(code)"), which is not read",
        advice: "cast the column before it is written")
    }
  }
}
