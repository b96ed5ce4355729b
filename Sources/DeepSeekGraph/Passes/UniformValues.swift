import DeepSeekOperators
import DeepSeekTensor

extension Tensor {
  /// Constants with more elements than this are not searched for one number.
  private static let searchLimit = 4096

  /// The one number that all elements are, as a scalar; `nil` when they differ, are none, or are too many to look at.
  var uniformElement: Tensor? {
    guard elementCount > 0, dtype.isArithmetic else { return nil }
    let first = viewed(Layout([], strides: [], offset: layout.offset))
    if (0..<rank).allSatisfy({ layout.shape[$0] == 1 || layout.stride($0) == 0 }) { return first }
    guard elementCount <= Tensor.searchLimit else { return nil }
    let size = dtype.byteCount
    let isUniform = withUnsafeBytes { bytes in
      stride(from: size, to: bytes.count, by: size).allSatisfy { bytes[$0..<$0 + size].elementsEqual(bytes[..<size]) }
    }
    return isUniform ? first : nil
  }
}

extension FusionContext {
  /// The one number that all elements of a value are in every run, seen through views, casts and factors; `nil` for all else.
  func uniform(_ value: Graph.Value) -> Double? {
    if let tensor = constant(value) { return tensor.uniformElement?.array(of: Double.self)[0] }
    guard let node = producer(of: value) else { return nil }
    switch node.operation {
    case is BroadcastOperator, is ReshapeOperator, is TransposeOperator, is SliceOperator:
      return uniform(node.inputs[0])
    case let unary as UnaryOperator where unary.function == .multiplyScalar:
      return uniform(node.inputs[0]).map { $0 * unary.parameters[0] }
    case is CastOperator:
      guard let number = uniform(node.inputs[0]) else { return nil }
      let dtype = spec(value).dtype
      if dtype == .bool { return number == 0 ? 0 : 1 }
      return dtype.isFloatingPoint || number == number.rounded(.towardZero) ? number : nil
    default: return nil
    }
  }
}
