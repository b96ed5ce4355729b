import DeepSeekJSON
import DeepSeekOperators

extension ConfigurationFile {
  /// A whole number; `nil` when it is missing or null.
  func optionalInteger(_ field: String) throws -> Int? {
    guard let value = value[field], !value.isNull else { return nil }
    return try integer(field)
  }

  /// A number; `nil` when it is missing or null.
  func optionalNumber(_ field: String) throws -> Double? {
    guard let value = value[field], !value.isNull else { return nil }
    return try number(field)
  }

  /// A whole number or several, as `eos_token_id` is; empty when it is missing or null.
  func integers(_ field: String) throws -> [Int] {
    guard let list = value[field]?.array else { return try optionalInteger(field).map { [$0] } ?? [] }
    return try list.map { value in
      guard let number = value.integer, (0...1 << 31).contains(number) else {
        throw ModelError.invalidField(file: path, field: field, expected: "whole numbers from 0 on")
      }
      return number
    }
  }
}

/// The dropout before a head that classifies tokens, which few files of decoders name.
enum ClassifierDropout {
  private static let field = "classifier_dropout"
  /// What it is where a file says nothing.
  private static let usual = 0.1

  static func read(_ file: ConfigurationFile) throws -> Double {
    let value = try file.optionalNumber(field) ?? usual
    guard (0..<1).contains(value) else {
      throw ModelError.invalidField(file: file.path, field: field, expected: "at least 0 and less than 1")
    }
    return value
  }

  /// Writes what is not implied, and what the model's own file has a number for.
  static func write(_ value: Double, to object: inout JSONObject, origin: ModelOrigin?) {
    if value != usual || origin?.fields[field]?.double != nil { object[field] = .double(value) }
  }
}

extension JSONValue {
  /// Null, a number, or a list of several.
  static func oneOrMore(_ numbers: [Int]) -> JSONValue {
    switch numbers.count {
    case 0: .null
    case 1: .integer(numbers[0])
    default: .array(numbers.map { .integer($0) })
    }
  }
}
