import DeepSeekJSON

/// A value while a template runs: what JSON has, and what templates add.
indirect enum TemplateValue {
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case list([TemplateValue])
  case dictionary(TemplateDictionary)
  /// What `namespace()` makes: the one thing that inner scopes can change.
  case namespace(TemplateNamespace)
  case function(TemplateFunction)

  init(_ json: JSONValue) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .double(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .list(values.map { TemplateValue($0) })
    case .object(let object):
      self = .dictionary(
        TemplateDictionary(distinct: object.members.map { (TemplateValue.string($0.key), TemplateValue($0.value)) }))
    }
  }

  /// Whether a condition holds, as in Python: empty things do not.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .double(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let values): !values.isEmpty
    case .dictionary(let dictionary): !dictionary.entries.isEmpty
    case .namespace, .function: true
    }
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// The number, of a Boolean too, as in Python.
  var number: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  var integer: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  var string: String? { if case .string(let value) = self { value } else { nil } }

  /// What a loop goes over; a string's characters and a dictionary's keys among it.
  var elements: [TemplateValue]? {
    switch self {
    case .undefined: []
    case .list(let values): values
    case .dictionary(let dictionary): dictionary.entries.map(\.key)
    case .string(let text): text.unicodeScalars.map { .string(String($0)) }
    default: nil
    }
  }

  /// What kind it is, for messages.
  var kind: String {
    switch self {
    case .undefined(let name): "'\(name)', which is not defined"
    case .none: "none"
    case .bool: "a Boolean"
    case .integer, .double: "a number"
    case .string: "a string"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .namespace: "a namespace"
    case .function: "a function"
    }
  }

  /// As Python's `str` has it.
  var text: String {
    switch self {
    case .undefined: ""
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): String(value)
    case .double(let value): value.isNaN ? "nan" : String(value)
    case .string(let value): value
    case .list(let values): "[" + values.map(\.representation).joined(separator: ", ") + "]"
    case .dictionary(let dictionary):
      "{" + dictionary.entries.map { "\($0.key.representation): \($0.value.representation)" }.joined(separator: ", ")
        + "}"
    case .namespace: "<Namespace>"
    case .function(let function): "<function \(function.name)>"
    }
  }

  /// As Python's `repr` has it.
  private var representation: String {
    guard case .string(let value) = self else { return text }
    let quote: Character = value.contains("'") && !value.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where Character(scalar) == quote: result += "\\\(quote)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + String(quote)
  }

  /// As JSON; `nil` for what JSON has not.
  var json: JSONValue? {
    switch self {
    case .none: return .null
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .double(let value): return value.isFinite ? .double(value) : nil
    case .string(let value): return .string(value)
    case .list(let values):
      let elements = values.compactMap(\.json)
      return elements.count == values.count ? .array(elements) : nil
    case .dictionary(let dictionary):
      var object = JSONObject()
      for entry in dictionary.entries {
        guard let json = entry.value.json else { return nil }
        object[entry.key.text] = json
      }
      return .object(object)
    case .undefined, .namespace, .function: return nil
    }
  }

  /// Equality as in Python: numbers and Booleans by value, strings by their characters, the rest part by part.
  static func areEqual(_ a: TemplateValue, _ b: TemplateValue) -> Bool {
    switch (a, b) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let x), .string(let y)): return x.utf8.elementsEqual(y.utf8)
    case (.list(let x), .list(let y)): return x.count == y.count && zip(x, y).allSatisfy { areEqual($0, $1) }
    case (.dictionary(let x), .dictionary(let y)):
      return x.entries.count == y.entries.count
        && x.entries.allSatisfy { entry in y[entry.key].map { areEqual(entry.value, $0) } ?? false }
    case (.namespace(let x), .namespace(let y)): return x === y
    default:
      if case .integer(let x) = a, case .integer(let y) = b { return x == y }
      if let x = a.number, let y = b.number { return x == y }
      return false
    }
  }

  /// Which comes first, of numbers, strings or lists of such; `nil` where there is no order.
  static func isLess(_ a: TemplateValue, _ b: TemplateValue) -> Bool? {
    if let x = a.integer, let y = b.integer { return x < y }
    if let x = a.number, let y = b.number { return x < y }
    switch (a, b) {
    case (.string(let x), .string(let y)): return x.unicodeScalars.lexicographicallyPrecedes(y.unicodeScalars)
    case (.list(let x), .list(let y)):
      for (left, right) in zip(x, y) where !areEqual(left, right) { return isLess(left, right) }
      return x.count < y.count
    default: return nil
    }
  }
}

/// Keys and values in the order in which they came.
struct TemplateDictionary {
  struct Entry {
    let key: TemplateValue
    var value: TemplateValue
  }

  private(set) var entries: [Entry] = []

  init() {}

  /// Of keys of which none comes twice.
  init(distinct entries: [(TemplateValue, TemplateValue)]) {
    self.entries = entries.map { Entry(key: $0.0, value: $0.1) }
  }

  subscript(_ key: TemplateValue) -> TemplateValue? {
    get { entries.first { TemplateValue.areEqual($0.key, key) }?.value }
    set {
      let place = entries.firstIndex { TemplateValue.areEqual($0.key, key) }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}

/// Names that can be given other values from any scope.
final class TemplateNamespace {
  var values: [String: TemplateValue] = [:]
}

/// What can be called.
struct TemplateFunction {
  let name: String
  let call: (TemplateArguments) throws(TemplateFailure) -> TemplateValue
}

/// The values that a call is given.
struct TemplateArguments {
  var positional: [TemplateValue] = []
  var named: [(name: String, value: TemplateValue)] = []

  /// The argument in a place, or under a name.
  subscript(_ place: Int, _ name: String) -> TemplateValue? {
    positional.indices.contains(place) ? positional[place] : named.last { $0.name == name }?.value
  }
}

/// What went wrong, before it is known in which line.
struct TemplateFailure: Error {
  let reason: String
  var line: Int?
  init(_ reason: String) { self.reason = reason }
}

extension TemplateValue {
  /// Bytes of strings and parts of lists and dictionaries, beyond which no value may grow.
  static let largestSize = 1 << 24

  /// This value, unless it is too large. A value may hold another many times over, so that a few lines of a template would
  /// make more than any memory holds.
  func checked() throws(TemplateFailure) -> TemplateValue {
    var rest = TemplateValue.largestSize
    if !fits(&rest) { throw TemplateFailure("a value of more than \(TemplateValue.largestSize) bytes") }
    return self
  }

  private func fits(_ rest: inout Int) -> Bool {
    rest -= 16
    switch self {
    case .string(let text): rest -= text.utf8.count
    case .list(let values):
      for value in values where !value.fits(&rest) { return false }
    case .dictionary(let dictionary):
      for entry in dictionary.entries where !entry.key.fits(&rest) || !entry.value.fits(&rest) { return false }
    default: break
    }
    return rest >= 0
  }
}
