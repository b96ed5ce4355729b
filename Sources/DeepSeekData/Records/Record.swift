/// A row: values with names.
///
/// ```swift
/// let row: Record = ["text": "a fine film", "label": 1]
/// row["label"]?.integer   // 1
/// ```
///
/// Rows of one file share their names, so a row costs its values only.
public struct Record: Sendable, Hashable {
  /// The names of a row's values.
  public final class Names: Sendable, Hashable {
    /// The names in order.
    public let all: [String]
    private let positions: [String: Int]

    /// These names; when one occurs twice, it finds the first.
    public init(_ names: [String]) {
      all = names
      positions = Dictionary(zip(names, names.indices)) { first, _ in first }
    }

    /// Where a name stands, or `nil`.
    public func position(of name: String) -> Int? { positions[name] }

    /// The same names in the same order.
    public static func == (left: Names, right: Names) -> Bool { left === right || left.all == right.all }

    /// Hashes the names.
    public func hash(into hasher: inout Hasher) { hasher.combine(all) }
  }

  /// The names, in the order of ``values``.
  public let names: Names
  /// The values, in the order of ``names``.
  public private(set) var values: [Value]

  /// A row. There must be as many values as names; traps otherwise.
  public init(names: Names, values: [Value]) {
    if names.all.count != values.count {
      fatalError("Record: \(values.count) values for \(names.all.count) names")
    }
    self.names = names
    self.values = values
  }

  /// The value of a name; `nil` when the row has no such name. Setting a new name adds it at the end; setting `nil`
  /// removes it.
  public subscript(name: String) -> Value? {
    get { names.position(of: name).map { values[$0] } }
    set {
      switch (names.position(of: name), newValue) {
      case (let position?, let value?): values[position] = value
      case (let position?, nil):
        var rest = names.all
        rest.remove(at: position)
        var others = values
        others.remove(at: position)
        self = Record(names: Names(rest), values: others)
      case (nil, let value?): self = Record(names: Names(names.all + [name]), values: values + [value])
      case (nil, nil): break
      }
    }
  }

  /// The value of a name, which must be there. Throws ``DataError`` that lists the names that are.
  public func value(_ name: String) throws(DataError) -> Value {
    guard let value = self[name] else {
      throw .missingColumn(name, among: names.all)
    }
    return value
  }

  /// The text of a name. Throws ``DataError`` when it is missing or no text.
  public func string(_ name: String) throws(DataError) -> String {
    let value = try value(name)
    guard let text = value.string else { throw Record.mismatch(name, value, "a string") }
    return text
  }

  /// The integer of a name. Throws ``DataError`` when it is missing or no integer.
  public func integer(_ name: String) throws(DataError) -> Int {
    let value = try value(name)
    guard let number = value.integer else { throw Record.mismatch(name, value, "an integer") }
    return number
  }

  /// The number of a name. Throws ``DataError`` when it is missing or no number.
  public func double(_ name: String) throws(DataError) -> Double {
    let value = try value(name)
    guard let number = value.double else { throw Record.mismatch(name, value, "a number") }
    return number
  }

  private static func mismatch(_ name: String, _ value: Value, _ expected: String) -> DataError {
    DataError(.typeMismatch, item: name, "the value is \(value.kind); \(expected) is expected")
  }
}

extension Record: ExpressibleByDictionaryLiteral {
  /// A row with these names in the order written.
  public init(dictionaryLiteral elements: (String, Value)...) {
    self.init(names: Names(elements.map(\.0)), values: elements.map(\.1))
  }
}
