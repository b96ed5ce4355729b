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
