/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable {
  /// An unsigned integer of 8 to 64 bits.
  case unsigned(UInt64)
  /// A signed integer of 8 to 64 bits.
  case integer(Int64)
  /// A 32-bit float.
  case float32(Float)
  /// A 64-bit float.
  case float64(Double)
  /// A truth value.
  case bool(Bool)
  /// Text.
  case string(String)
  /// Values of one type, which are read when they are asked for.
  case array(GGUFArray)

  /// An integer that fits into a word; `nil` for anything else.
  public var int: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .integer(let value): Int(value)
    default: nil
    }
  }

  /// A number as a float; `nil` for anything else.
  public var double: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .integer(let value): Double(value)
    case .float32(let value): Double(value)
    case .float64(let value): value
    default: nil
    }
  }

  /// A truth value; `nil` for anything else.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// Text; `nil` for anything else.
  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// An array; `nil` for anything else.
  public var array: GGUFArray? {
    if case .array(let value) = self { return value }
    return nil
  }
}

extension GGUFValue: CustomStringConvertible {
  /// The value as text; a long array by its length.
  public var description: String {
    switch self {
    case .unsigned(let value): value.description
    case .integer(let value): value.description
    case .float32(let value): value.description
    case .float64(let value): value.description
    case .bool(let value): value.description
    case .string(let value): value
    case .array(let value): value.description
    }
  }
}

/// The types of a GGUF file's metadata, by their numbers in the format.
enum GGUFValueType: UInt32, Sendable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case bool = 7
  case string = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// The fewest bytes that a value takes; all that it takes unless it is text or an array.
  var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .string: 8
    case .array: 12
    }
  }
}

/// An array of a GGUF file's metadata, such as a vocabulary: in the file, until its values are asked for.
public struct GGUFArray: Sendable {
  let type: GGUFValueType
  /// How many values it has.
  public let count: Int
  let file: MappedFile
  /// Where the first value is; all values lie in the file.
  let start: Int

  /// All values. Cost: a copy of each.
  public var values: [GGUFValue] {
    file.withBytes { bytes in
      var reader = ByteReader(bytes, at: start)
      var result: [GGUFValue] = []
      result.reserveCapacity(count)
      for _ in 0..<count {
        guard let value = GGUFHeader.value(type, &reader, file) else { break }
        result.append(value)
      }
      return result
    }
  }

  /// The texts of an array of text; `nil` for another.
  public var strings: [String]? { type == .string ? values.compactMap(\.string) : nil }
  /// The numbers of an array of integers; `nil` for another, and when one does not fit into a word.
  public var integers: [Int]? {
    let numbers = values.compactMap(\.int)
    return numbers.count == count ? numbers : nil
  }
  /// The numbers of an array of numbers; `nil` for another.
  public var doubles: [Double]? {
    let numbers = values.compactMap(\.double)
    return numbers.count == count ? numbers : nil
  }
}

extension GGUFArray: CustomStringConvertible {
  /// Up to 16 values of numbers or text; else how many there are.
  public var description: String {
    guard count <= 16, type != .array else { return "\(count) values" }
    return "[" + values.map(\.description).joined(separator: ", ") + "]"
  }
}
