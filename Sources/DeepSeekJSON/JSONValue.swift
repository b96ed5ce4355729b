/// A JSON document as a value: what RFC 8259 can say, with members in their order and integers kept exact.
///
/// ```swift
/// let config = try JSONValue(parsing: bytes)
/// let layers = config["num_hidden_layers"]?.integer   // Int?
/// ```
///
/// Strings are compared byte by byte, not by Unicode equivalence as `String` is: two vocabulary entries that differ
/// only in composition are two entries.
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction and exponent that fits 64 bits; exact.
  case integer(Int)
  /// Any other number, rounded to the nearest double. Never infinite or NaN when it comes from the parser.
  case double(Double)
  /// A string with its escapes resolved.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object with its members in the order in which they were written.
  case object(JSONObject)
}

extension JSONValue {
  /// The value of a member when this is an object that has it; `nil` otherwise.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { return object[key] }
    return nil
  }

  /// The Boolean, or `nil` when this is something else.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The integer, or `nil` when this is something else. A double such as `1.0` is not an integer.
  public var integer: Int? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// The number as a double, for integers too (rounded beyond 2⁵³); `nil` when this is no number.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The string, or `nil` when this is something else.
  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The array, or `nil` when this is something else.
  public var array: [JSONValue]? {
    if case .array(let value) = self { return value }
    return nil
  }

  /// The object, or `nil` when this is something else.
  public var object: JSONObject? {
    if case .object(let value) = self { return value }
    return nil
  }

  /// Whether this is `null`.
  public var isNull: Bool {
    if case .null = self { return true }
    return false
  }

  /// What kind of value this is, as a noun for error messages: "an object", "a string", ….
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a Boolean"
    case .integer: "an integer"
    case .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONValue: Equatable {
  /// Equal kinds and contents; strings byte by byte, objects with the same members in the same order.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.double(let a), .double(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A Boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object with the members in the order written; a repeated key keeps its last value.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
