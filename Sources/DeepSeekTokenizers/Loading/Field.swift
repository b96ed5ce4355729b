internal import DeepSeekJSON

/// A place in a configuration, for reading with errors that name it.
struct Field {
  let path: String
  let value: JSONValue?

  init(_ value: JSONValue?, path: String) {
    self.value = value
    self.path = path
  }

  subscript(key: String) -> Field {
    Field(value?[key], path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// Whether the field is absent or null.
  var isMissing: Bool { value?.isNull ?? true }

  func wrong(_ expected: String) -> TokenizerError {
    .invalidField(path: path, reason: "expected \(expected), found \(value?.kind ?? "nothing")")
  }

  func string() throws(TokenizerError) -> String {
    guard let string = value?.string else { throw wrong("a string") }
    return string
  }

  func optionalString() throws(TokenizerError) -> String? { isMissing ? nil : try string() }

  func bool(default fallback: Bool) throws(TokenizerError) -> Bool {
    if isMissing { return fallback }
    guard let bool = value?.bool else { throw wrong("a Boolean") }
    return bool
  }

  /// An integer in a range; ids and lengths have to fit 31 bits, so that sums of them cannot overflow.
  func integer(in range: ClosedRange<Int> = 0...Int(Int32.max - 1)) throws(TokenizerError) -> Int {
    guard let integer = value?.integer else { throw wrong("an integer") }
    guard range.contains(integer) else {
      throw .invalidField(path: path, reason: "\(integer) is not in \(range.lowerBound)...\(range.upperBound)")
    }
    return integer
  }

  func object() throws(TokenizerError) -> JSONObject {
    guard let object = value?.object else { throw wrong("an object") }
    return object
  }

  /// The elements of an array with their paths.
  func elements() throws(TokenizerError) -> [Field] {
    guard let array = value?.array else { throw wrong("an array") }
    return array.enumerated().map { Field($1, path: "\(path)[\($0)]") }
  }

  /// A string of exactly one scalar.
  func scalar() throws(TokenizerError) -> UInt32 {
    let scalars = try string().unicodeScalars
    guard let first = scalars.first, scalars.count == 1 else { throw wrong("a single character") }
    return first.value
  }

  /// One of an enumeration's raw values.
  func choice<Choice: RawRepresentable>(_: Choice.Type, default fallback: Choice? = nil) throws(TokenizerError)
    -> Choice where Choice.RawValue == String
  {
    if isMissing, let fallback { return fallback }
    let name = try string()
    guard let choice = Choice(rawValue: name) else { throw .unknownComponent(path: path, type: name) }
    return choice
  }
}
