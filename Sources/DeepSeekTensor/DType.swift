import CDeepSeekKernels

/// The element type of a tensor.
///
/// The first ten take part in arithmetic. The rest (`complex64`, the two 8-bit floats, the wide unsigned integers) are
/// for storage: they load, save and cast, and an operator given one of them reports it.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, Codable {
  /// IEEE 754 binary32.
  case float32 = 0
  /// IEEE 754 binary64.
  case float64 = 1
  /// IEEE 754 binary16.
  case float16 = 2
  /// The upper half of a `float32`.
  case bfloat16 = 3
  /// 8-bit signed integer.
  case int8 = 4
  /// 8-bit unsigned integer.
  case uint8 = 5
  /// 16-bit signed integer.
  case int16 = 6
  /// 32-bit signed integer.
  case int32 = 7
  /// 64-bit signed integer.
  case int64 = 8
  /// One byte, 0 or 1.
  case bool = 9
  /// Two `float32`, real part first. Storage only.
  case complex64 = 10
  /// 8-bit float with 4 exponent bits, no infinity (OCP E4M3 "fn"). Storage only.
  case float8e4m3 = 11
  /// 8-bit float with 5 exponent bits (OCP E5M2). Storage only.
  case float8e5m2 = 12
  /// 16-bit unsigned integer. Storage only.
  case uint16 = 13
  /// 32-bit unsigned integer. Storage only.
  case uint32 = 14
  /// 64-bit unsigned integer. Storage only.
  case uint64 = 15

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .complex64, .uint64: 8
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
    }
  }

  /// Whether it is one of the four floating types that arithmetic and gradients work on.
  public var isFloatingPoint: Bool { rawValue <= DType.bfloat16.rawValue }

  /// Whether it is a signed or unsigned integer (not `bool`).
  public var isInteger: Bool {
    switch self {
    case .int8, .uint8, .int16, .int32, .int64, .uint16, .uint32, .uint64: true
    default: false
    }
  }

  /// Whether arithmetic is defined on it.
  public var isArithmetic: Bool { rawValue <= DType.bool.rawValue }

  var kernelType: Int32 { Int32(rawValue) }
}

extension DType: CustomStringConvertible {
  /// The name as NumPy and PyTorch spell it: `float32`, `int64`, `bool`.
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    case .complex64: "complex64"
    case .float8e4m3: "float8_e4m3fn"
    case .float8e5m2: "float8_e5m2"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    }
  }

  /// The type with this name, as ``description`` gives it; `nil` when there is none.
  public init?(name: String) {
    guard let match = DType.allCases.first(where: { $0.description == name }) else { return nil }
    self = match
  }
}
