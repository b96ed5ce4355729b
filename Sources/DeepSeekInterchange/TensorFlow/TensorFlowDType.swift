import DeepSeekProtocols
import DeepSeekTensor

extension DType {
  /// The element type that TensorFlow numbers so; `nil` for strings, resources, quantized and other types without a
  /// counterpart. A reference type counts as what it refers to.
  init?(_ type: Tensorflow_DataType) {
    let number = type.rawValue > 100 ? type.rawValue - 100 : type.rawValue
    guard let match = DType.tensorFlowNumbers.first(where: { $0.value == number }) else { return nil }
    self = match.key
  }

  /// TensorFlow's number of the type (tensorflow/core/framework/types.proto).
  var tensorFlowType: Tensorflow_DataType {
    Tensorflow_DataType(rawValue: DType.tensorFlowNumbers[self] ?? 0) ?? .dtInvalid
  }

  private static let tensorFlowNumbers: [DType: Int] = [
    .float32: 1, .float64: 2, .int32: 3, .uint8: 4, .int16: 5, .int8: 6, .complex64: 8, .int64: 9, .bool: 10,
    .bfloat16: 14, .uint16: 17, .float16: 19, .uint32: 22, .uint64: 23, .float8e5m2: 24, .float8e4m3: 25,
  ]
}

/// TensorFlow's names of its types.
enum TensorFlowDType {
  /// `float` for `DT_FLOAT`: the name as the types' file has it, or the number of one that it lacks.
  static func name(_ type: Tensorflow_DataType) -> String {
    // Generated cases are called after the file's: dtFloat, dtBfloat16, dtFloatRef.
    if case .UNRECOGNIZED(let number) = type { return "type \(number)" }
    return "\(type)".lowercased().replacing("dt", with: "", maxReplacements: 1)
  }
}
