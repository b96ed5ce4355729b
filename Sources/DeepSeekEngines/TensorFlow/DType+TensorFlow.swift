package import DeepSeekTensor

extension DType {
  /// TensorFlow's number of the type (`tensorflow/core/framework/types.proto`).
  package var tensorFlowNumber: Int {
    switch self {
    case .float32: 1
    case .float64: 2
    case .int32: 3
    case .uint8: 4
    case .int16: 5
    case .int8: 6
    case .complex64: 8
    case .int64: 9
    case .bool: 10
    case .bfloat16: 14
    case .uint16: 17
    case .float16: 19
    case .uint32: 22
    case .uint64: 23
    case .float8e5m2: 24
    case .float8e4m3: 25
    }
  }
}
