import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Tensorflow_TensorProto {
  /// The tensor, whose elements stand as bytes, or one by one with the last repeated to the end.
  ///
  /// Throws `OperatorError` when type, shape and contents do not fit together.
  func tensor(_ assembler: GraphAssembler) throws -> Tensor {
    guard let dtype = DType(self.dtype) else { throw failure("elements of type \(self.dtype) are not supported") }
    guard !tensorShape.unknownRank else { throw failure("its rank is not known") }
    let shape = try Shape(checking: tensorShape.dim.map { Int($0.size) })
    try GraphAssembler.checkSize(TensorSpec(dtype, shape))
    let byteCount = shape.elementCount * dtype.byteCount
    if !tensorContent.isEmpty {
      guard tensorContent.count == byteCount else {
        throw failure("\(tensorContent.count) bytes are there, \(dtype)\(shape) takes \(byteCount)")
      }
      let tensor = try tensorContent.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: shape) }
      return dtype == .bool ? try boolean(tensor) : tensor
    }
    let listed = try elements(dtype)
    let count = listed.elementCount
    guard count <= shape.elementCount else {
      throw failure("\(count) elements are there, \(shape) has \(shape.elementCount)")
    }
    if count == shape.elementCount { return listed.reshapedStorage(shape) }
    let last = count == 0 ? try zero(dtype) : listed.lastElement
    if count <= 1 { return try assembler.apply(BroadcastOperator(shape), last.reshapedStorage([])) }
    try assembler.takeBudget(byteCount)
    let rest = try assembler.apply(BroadcastOperator([shape.elementCount - count]), last.reshapedStorage([]))
    return try assembler.apply(ReshapeOperator(shape.dimensions), assembler.apply(ConcatenateOperator(0), listed, rest))
  }

  private func failure(_ message: String) -> OperatorError { OperatorError("constant", message) }

  /// One zero, whose bytes are zero in every type.
  private func zero(_ dtype: DType) throws -> Tensor {
    let bytes = [UInt8](repeating: 0, count: dtype.byteCount)
    return try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [1]) }
  }

  /// Bytes other than 0 and 1 are not bools.
  private func boolean(_ tensor: Tensor) throws -> Tensor {
    let isValid = tensor.withUnsafeBytes { $0.allSatisfy { $0 <= 1 } }
    guard isValid else { throw failure("a bool is neither 0 nor 1") }
    return tensor
  }

  /// The elements that are listed one by one.
  private func elements(_ dtype: DType) throws -> Tensor {
    func list<Element: TensorElement>(_ elements: [Element]) -> Tensor { Tensor([elements.count], elements) }
    switch dtype {
    case .float32: return list(floatVal)
    case .float64: return list(doubleVal)
    case .int64: return list(int64Val)
    case .bool: return list(boolVal)
    case .uint32: return list(uint32Val)
    case .uint64: return list(uint64Val)
    case .int32: return list(intVal)
    case .int8, .uint8, .int16, .uint16: return list(intVal).converted(to: dtype)
    case .float16, .bfloat16:
      let words = halfVal.map { UInt16(truncatingIfNeeded: $0) }
      return try words.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [words.count]) }
    case .complex64:
      guard scomplexVal.count % 2 == 0 else { throw failure("a complex number has no imaginary part") }
      return try scomplexVal.withUnsafeBytes {
        try Tensor(bytes: $0, dtype: .complex64, shape: [scomplexVal.count / 2])
      }
    case .float8e4m3, .float8e5m2:
      return try float8Val.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [float8Val.count]) }
    }
  }
}

extension Tensor {
  /// Contiguous elements under another shape of as many.
  fileprivate func reshapedStorage(_ shape: Shape) -> Tensor {
    contiguous().viewed(Layout(shape, offset: layout.offset))
  }

  /// The last element of a vector.
  fileprivate var lastElement: Tensor { viewed(Layout([1], offset: layout.offset + elementCount - 1)) }
}

extension Tensorflow_TensorProto {
  /// A tensor as TensorFlow writes it, its elements as bytes.
  init(_ tensor: Tensor) {
    self.init()
    dtype = tensor.dtype.tensorFlowType
    tensorShape = Tensorflow_TensorShapeProto(tensor.shape)
    tensorContent = tensor.withUnsafeBytes { Data($0) }
  }
}

extension Tensorflow_TensorShapeProto {
  /// A shape; lengths that are symbols are open.
  init(_ shape: Shape) {
    self.init()
    dim = shape.dimensions.map { dimension in
      var result = Tensorflow_TensorShapeProto.Dim()
      result.size = Int64(dimension.known ?? -1)
      return result
    }
  }

  /// The lengths, `nil` for one that is open; `nil` when not even the rank is known. Throws `OperatorError` for lengths that
  /// no shape has.
  func lengths() throws -> [Int?]? {
    if unknownRank { return nil }
    guard dim.count <= Shape.maximumRank else {
      throw OperatorError("shape", "\(dim.count) axes; at most \(Shape.maximumRank) are supported")
    }
    return try dim.map { dim in
      guard dim.size >= -1 else { throw OperatorError("shape", "length \(dim.size) is negative") }
      return dim.size == -1 ? nil : Int(dim.size)
    }
  }
}
