import DeepSeekTensor

/// NumPy's names for element types: `<f4` is a little-endian `float32`.
enum NpyDType {
  /// The name that NumPy gives a type on a little-endian machine; `nil` when it has none.
  static func name(_ dtype: DType) -> String? {
    switch dtype {
    case .float32: "<f4"
    case .float64: "<f8"
    case .float16: "<f2"
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .bool: "|b1"
    case .complex64: "<c8"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bfloat16, .float8e4m3, .float8e5m2: nil
    }
  }

  /// The type of a name and whether its bytes stand the other way round; a message about it when tensors lack it.
  static func parse(_ name: String) -> Result<(dtype: DType, bytesSwapped: Bool), Unsupported> {
    var code = name[...]
    var isBigEndian = false
    if let order = code.first, "<>|=".contains(order) {
      isBigEndian = order == ">"
      code = code.dropFirst()
    }
    let known = DType.allCases.first { self.name($0)?.dropFirst() == code }
    if let known { return .success((known, isBigEndian && known.byteCount > 1)) }
    return .failure(Unsupported(message: refusal(name, kind: code.first)))
  }

  /// Why a type cannot be read.
  struct Unsupported: Error {
    let message: String
  }

  private static func refusal(_ name: String, kind: Character?) -> String {
    switch kind {
    case "O": "'\(name)' is an array of Python objects, which only Python can rebuild (pickle); it is never loaded"
    case "V": "'\(name)' is raw bytes without a type (bfloat16 and 8-bit floats are saved so, and lose their name)"
    case "S", "a", "U", "T": "'\(name)' is an array of strings"
    case "M", "m": "'\(name)' is an array of dates or durations"
    case "f", "g": "'\(name)' is a float of extended precision"
    case "c": "'\(name)' is a complex number wider than 64 bits"
    default: "'\(name)' is not an element type that tensors have"
    }
  }
}
