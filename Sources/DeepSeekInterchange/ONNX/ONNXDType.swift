import DeepSeekTensor

extension DType {
  /// The element type that ONNX numbers so (`TensorProto.DataType`); `nil` for strings, `complex128`, 4-bit integers and
  /// other types without a counterpart.
  init?(onnx number: Int) {
    guard let match = DType.onnxTypes.first(where: { $0.number == number })?.dtype else { return nil }
    self = match
  }

  /// The name of a type as ONNX spells it, for messages and listings.
  static func onnxName(_ number: Int) -> String {
    onnxTypes.first { $0.number == number }?.name ?? otherONNXNames[number] ?? "type \(number)"
  }

  private static let onnxTypes: [(number: Int, name: String, dtype: DType)] = [
    (1, "FLOAT", .float32), (2, "UINT8", .uint8), (3, "INT8", .int8), (4, "UINT16", .uint16), (5, "INT16", .int16),
    (6, "INT32", .int32), (7, "INT64", .int64), (9, "BOOL", .bool), (10, "FLOAT16", .float16),
    (11, "DOUBLE", .float64), (12, "UINT32", .uint32), (13, "UINT64", .uint64), (14, "COMPLEX64", .complex64),
    (16, "BFLOAT16", .bfloat16), (17, "FLOAT8E4M3FN", .float8e4m3), (19, "FLOAT8E5M2", .float8e5m2),
  ]

  private static let otherONNXNames: [Int: String] = [
    0: "UNDEFINED", 8: "STRING", 15: "COMPLEX128", 18: "FLOAT8E4M3FNUZ", 20: "FLOAT8E5M2FNUZ", 21: "UINT4",
    22: "INT4", 23: "FLOAT4E2M1", 24: "FLOAT8E8M0", 25: "UINT2", 26: "INT2", 27: "FLOAT6E2M3", 28: "FLOAT6E3M2",
  ]
}
