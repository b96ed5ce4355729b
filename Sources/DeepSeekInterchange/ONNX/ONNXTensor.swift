import DeepSeekCheckpoints
import DeepSeekProtocols
import DeepSeekTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Onnx_TensorProto {
  /// The lengths. Throws `OperatorError` for those that no shape has.
  func checkedShape() throws -> Shape {
    let shape = try Shape(checking: dims.map { Int($0) })
    if let dtype = DType(onnx: Int(dataType)) { try GraphAssembler.checkSize(TensorSpec(dtype, shape)) }
    return shape
  }

  /// Type and shape. Throws `OperatorError` when there is no such tensor.
  func checkedSpec() throws -> TensorSpec {
    guard let dtype = DType(onnx: Int(dataType)) else {
      throw failure("elements of type \(DType.onnxName(Int(dataType))) are not supported")
    }
    return TensorSpec(dtype, try checkedShape())
  }

  /// The tensor, its elements in the message: as bytes, or one by one. Those in another file are not looked for.
  ///
  /// Throws `OperatorError` when type, shape and contents do not fit together.
  func tensor() throws -> Tensor {
    let spec = try checkedSpec()
    guard dataLocation == .default else { throw failure("its elements are in another file") }
    if hasRawData {
      try expect(byteCount: rawData.count, spec)
      let bytes = spec.dtype == .bool ? Data(rawData.map { $0 == 0 ? 0 : 1 }) : rawData
      return try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: spec.dtype, shape: spec.shape) }
    }
    let listed = try elements(spec.dtype)
    guard listed.elementCount == spec.shape.elementCount else {
      throw failure("\(listed.elementCount) elements are there, \(spec) has \(spec.shape.elementCount)")
    }
    return listed.viewed(Layout(spec.shape, offset: listed.layout.offset))
  }

  /// Checks that as many bytes are there as the specification takes.
  func expect(byteCount count: Int, _ spec: TensorSpec) throws {
    let needed = spec.shape.elementCount * spec.dtype.byteCount
    guard count == needed else { throw failure("\(count) bytes are there, \(spec) takes \(needed)") }
  }

  func failure(_ message: String) -> OperatorError { OperatorError("constant", message) }

  /// The elements that are listed one by one.
  private func elements(_ dtype: DType) throws -> Tensor {
    func list<Element: TensorElement>(_ elements: [Element]) -> Tensor { Tensor([elements.count], elements) }
    switch dtype {
    case .float32: return list(floatData)
    case .float64: return list(doubleData)
    case .int64: return list(int64Data)
    case .int32: return list(int32Data)
    case .int8, .uint8, .int16, .uint16: return list(int32Data).converted(to: dtype)
    case .bool: return list(int32Data.map { $0 != 0 })
    case .uint32: return list(uint64Data.map { UInt32(truncatingIfNeeded: $0) })
    case .uint64: return list(uint64Data)
    case .float16, .bfloat16:
      let words = int32Data.map { UInt16(truncatingIfNeeded: $0) }
      return try words.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [words.count]) }
    case .float8e4m3, .float8e5m2:
      let bytes = int32Data.map { UInt8(truncatingIfNeeded: $0) }
      return try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [bytes.count]) }
    case .complex64:
      guard floatData.count % 2 == 0 else { throw failure("a complex number has no imaginary part") }
      return try floatData.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [floatData.count / 2]) }
    }
  }
}
