import DeepSeekEngines
import DeepSeekProtocols
import DeepSeekTensor

extension DType {
  /// The element type that TensorFlow numbers so; `nil` for strings, resources, quantized and other types without a
  /// counterpart. A reference type counts as what it refers to.
  init?(_ type: Tensorflow_DataType) {
    let number = type.rawValue > 100 ? type.rawValue - 100 : type.rawValue
    guard let match = DType.allCases.first(where: { $0.tensorFlowNumber == number }) else { return nil }
    self = match
  }

  /// TensorFlow's number of the type (tensorflow/core/framework/types.proto).
  var tensorFlowType: Tensorflow_DataType {
    Tensorflow_DataType(rawValue: tensorFlowNumber) ?? .dtInvalid
  }
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
