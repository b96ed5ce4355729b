/// One value of a row.
///
/// Every format's types come down to these. Numbers keep their exact value: all integers fit 64 bits, and float16 and
/// float32 are widened to `Double`, which holds them exactly.
public enum Value: Sendable, Hashable {
  /// No value.
  case null
  /// A truth value.
  case bool(Bool)
  /// A signed integer, or an unsigned one that fits.
  case integer(Int)
  /// An unsigned integer above `Int.max`.
  case unsigned(UInt64)
  /// A floating-point number.
  case float(Double)
  /// A text.
  case string(String)
  /// Bytes without a meaning of their own.
  case bytes([UInt8])
  /// An exact decimal number.
  case decimal(DecimalNumber)
  /// A day, counted from 1 January 1970 in the proleptic Gregorian calendar.
  case date(Int)
  /// A time of day, counted from midnight.
  case time(Int, TimeUnit)
  /// A moment, counted from 1 January 1970; in UTC when its column says so, else by a clock of unknown zone.
  case timestamp(Int, TimeUnit)
  /// A span of time.
  case duration(Int, TimeUnit)
  /// A calendar span, as months, days and nanoseconds.
  case interval(months: Int, days: Int, nanoseconds: Int)
  /// A sequence of values.
  case list([Value])
  /// Named values.
  case record(Record)
  /// Pairs of keys and values, in the file's order; keys need not be unique.
  case map([MapEntry])

  /// A key and its value in a map.
  public struct MapEntry: Sendable, Hashable {
    /// The key.
    public let key: Value
    /// What it leads to.
    public let value: Value

    /// A pair.
    public init(key: Value, value: Value) {
      self.key = key
      self.value = value
    }
  }
}

/// What a count of time counts.
public enum TimeUnit: String, Sendable, Hashable, Codable {
  /// Seconds.
  case second = "s"
  /// Thousandths of a second.
  case millisecond = "ms"
  /// Millionths of a second.
  case microsecond = "us"
  /// Billionths of a second.
  case nanosecond = "ns"

  /// How many of them are one second.
  public var perSecond: Int {
    switch self {
    case .second: 1
    case .millisecond: 1_000
    case .microsecond: 1_000_000
    case .nanosecond: 1_000_000_000
    }
  }
}

extension Value {
  /// Whether there is no value.
  public var isNull: Bool { self == .null }

  /// The truth value, or `nil` when this is something else.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The integer, also of a date, time, timestamp or duration; `nil` when this is something else.
  public var integer: Int? {
    switch self {
    case .integer(let value), .date(let value), .time(let value, _), .timestamp(let value, _), .duration(let value, _):
      value
    default: nil
    }
  }

  /// The number as a double, for integers and decimals too (rounded to the nearest); `nil` when this is no number.
  public var double: Double? {
    switch self {
    case .float(let value): value
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .decimal(let value): value.double
    default: nil
    }
  }

  /// The text, or `nil` when this is something else.
  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The bytes, also those of a text in UTF-8; `nil` when this is something else.
  public var bytes: [UInt8]? {
    switch self {
    case .bytes(let value): value
    case .string(let value): Array(value.utf8)
    default: nil
    }
  }

  /// The elements, or `nil` when this is no list.
  public var list: [Value]? {
    if case .list(let value) = self { return value }
    return nil
  }

  /// The named values, or `nil` when this is no record.
  public var record: Record? {
    if case .record(let value) = self { return value }
    return nil
  }

  /// What kind of value this is, as a noun for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a Boolean"
    case .integer, .unsigned: "an integer"
    case .float: "a floating-point number"
    case .string: "a string"
    case .bytes: "bytes"
    case .decimal: "a decimal"
    case .date: "a date"
    case .time: "a time"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .interval: "an interval"
    case .list: "a list"
    case .record: "a record"
    case .map: "a map"
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A floating-point number.
  public init(floatLiteral value: Double) { self = .float(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// No value.
  public init(nilLiteral: ()) { self = .null }
}
