import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

extension ONNXOperator {
  /// Tensors that follow from attributes and shapes.
  static let constants: [ONNXOperator] = [
    ONNXOperator("Constant", 0...0, tensor: { try $0.constantAttribute() }),
    ONNXOperator(
      "ConstantOfShape", 1...1,
      tensor: { node in
        let shape = try node.shape(node.lengths(0))
        guard let attribute = node.attributes["value"] else {
          return try node.broadcast(Tensor.full([], 0.0, dtype: .float32), to: shape)
        }
        let value = try node.constant(attribute.t)
        guard value.elementCount == 1 else { throw node.invalid("value \(value.spec); one element is expected") }
        return try node.broadcast(node.reshaped(value, []), to: shape)
      }),
    ONNXOperator(
      "Range", 3...3,
      values: { node in
        let ends = try (0..<3).map { try node.tensor($0) }
        guard ends.allSatisfy({ $0.rank <= 1 && $0.dtype == ends[0].dtype }) else {
          throw node.invalid("a range of \(ends.map(\.spec))")
        }
        let isConstant = ends.allSatisfy { $0.graphValue == nil }
        return [isConstant ? try node.constantRange() : try node.countedRange(ends[0].dtype)]
      }),
    ONNXOperator(
      "EyeLike", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        guard x.rank == 2 else { throw node.invalid("\(x.spec); a matrix is expected") }
        let dtype = try node.dtype("dtype", default: x.dtype)
        let diagonal = try node.int("k", default: 0)
        guard diagonal.magnitude <= 1 << 40 else { throw node.invalid("k \(diagonal)") }
        let rows = try node.reshaped(node.counting(x.dimension(0)), [x.dimension(0), 1])
        let columns = try node.counting(x.dimension(1))
        let isThere = try node.binary(.equal, node.unary(.addScalar, rows, Double(diagonal)), columns)
        return try node.cast(isThere, to: dtype)
      }),
  ]
}

extension ONNXNode {
  /// What a `Constant` holds.
  fileprivate func constantAttribute() throws -> Tensor {
    if let attribute = attributes["value"] { return try constant(attribute.t) }
    if attributes["value_float"] != nil { return try scalar(float("value_float"), .float32) }
    if attributes["value_int"] != nil { return Tensor.full([], try int("value_int"), dtype: .int64) }
    if let list = attributes["value_floats"] { return Tensor([list.floats.count], list.floats) }
    if let list = attributes["value_ints"] { return Tensor([list.ints.count], list.ints) }
    throw unsupported("a constant of \(attributes.keys.sorted().joined(separator: ", "))")
  }
}
