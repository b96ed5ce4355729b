public import DeepSeekTensor

/// The element types of the safetensors format, in the order in which its reference implementation ranks them: a file
/// holds its tensors from the highest rank to the lowest, which keeps each aligned.
public enum SafetensorsDType: String, Sendable, Hashable, CaseIterable {
  /// One byte, 0 or 1.
  case bool = "BOOL"
  /// 4 bits, two to a byte. Not supported as tensors.
  case float4 = "F4"
  /// 6 bits, 2 of them exponent. Not supported as tensors.
  case float6e2m3 = "F6_E2M3"
  /// 6 bits, 3 of them exponent. Not supported as tensors.
  case float6e3m2 = "F6_E3M2"
  /// 8-bit unsigned integer.
  case uint8 = "U8"
  /// 8-bit signed integer.
  case int8 = "I8"
  /// 8-bit float, 5 exponent bits.
  case float8e5m2 = "F8_E5M2"
  /// 8-bit float, 4 exponent bits, no infinity.
  case float8e4m3 = "F8_E4M3"
  /// 8 exponent bits alone: a power of two. Not supported as tensors.
  case float8e8m0 = "F8_E8M0"
  /// 8-bit float, 4 exponent bits, no infinity, no negative zero. Not supported as tensors.
  case float8e4m3fnuz = "F8_E4M3FNUZ"
  /// 8-bit float, 5 exponent bits, no infinity, no negative zero. Not supported as tensors.
  case float8e5m2fnuz = "F8_E5M2FNUZ"
  /// 16-bit signed integer.
  case int16 = "I16"
  /// 16-bit unsigned integer.
  case uint16 = "U16"
  /// IEEE 754 binary16.
  case float16 = "F16"
  /// The upper half of a `float32`.
  case bfloat16 = "BF16"
  /// 32-bit signed integer.
  case int32 = "I32"
  /// 32-bit unsigned integer.
  case uint32 = "U32"
  /// IEEE 754 binary32.
  case float32 = "F32"
  /// Two `float32`, real part first.
  case complex64 = "C64"
  /// IEEE 754 binary64.
  case float64 = "F64"
  /// 64-bit signed integer.
  case int64 = "I64"
  /// 64-bit unsigned integer.
  case uint64 = "U64"

  /// Bits an element takes.
  public var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6e2m3, .float6e3m2: 6
    case .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: 8
    default: (dtype?.byteCount ?? 1) * 8
    }
  }

  /// The tensor type with the same bits; `nil` for a type that tensors do not have.
  public var dtype: DType? {
    switch self {
    case .bool: .bool
    case .uint8: .uint8
    case .int8: .int8
    case .float8e5m2: .float8e5m2
    case .float8e4m3: .float8e4m3
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int32: .int32
    case .uint32: .uint32
    case .float32: .float32
    case .complex64: .complex64
    case .float64: .float64
    case .int64: .int64
    case .uint64: .uint64
    case .float4, .float6e2m3, .float6e3m2, .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: nil
    }
  }

  /// The type with the same bits as a tensor type; every tensor type has one.
  public init(_ dtype: DType) {
    self =
      switch dtype {
      case .bool: .bool
      case .uint8: .uint8
      case .int8: .int8
      case .float8e5m2: .float8e5m2
      case .float8e4m3: .float8e4m3
      case .int16: .int16
      case .uint16: .uint16
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int32: .int32
      case .uint32: .uint32
      case .float32: .float32
      case .complex64: .complex64
      case .float64: .float64
      case .int64: .int64
      case .uint64: .uint64
      }
  }

  /// The place in the order of the reference implementation, ascending.
  var rank: Int { SafetensorsDType.ranks[self]! }

  private static let ranks = Dictionary(uniqueKeysWithValues: zip(allCases, 0...))
}
