import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Products of matrices.
  static let products: [TensorFlowOperator] = [
    TensorFlowOperator("MatMul", 2) { node in
      let (a, b) = (try node.tensor(0), try node.tensor(1))
      guard a.rank == 2, b.rank == 2 else { throw node.invalid("\(a.spec) and \(b.spec); two matrices are expected") }
      return try node.product(
        node.matrix(a, isTransposed: node.bool("transpose_a")), node.matrix(b, isTransposed: node.bool("transpose_b")))
    },
    batchProduct("BatchMatMul"), batchProduct("BatchMatMulV2"), batchProduct("BatchMatMulV3"),
    TensorFlowOperator("Einsum", 1...2) { node in
      let operands = try node.inputs.indices.map { try node.tensor($0) }
      guard operands.allSatisfy({ $0.dtype.isArithmetic && $0.dtype != .bool }) else {
        throw node.unsupported("a sum of products of \(operands.map(\.dtype))")
      }
      guard operands.reduce(0, { $0 + $1.rank }) <= Shape.maximumRank else {
        throw node.unsupported("a sum of products over more than \(Shape.maximumRank) axes")
      }
      // The products are not checked for what they take, so constants alone must be few.
      let isConstant = operands.allSatisfy { $0.graphValue == nil }
      guard !isConstant || operands.allSatisfy({ $0.elementCount <= 1 << 12 }) else {
        throw node.unsupported("a sum of products of large constants")
      }
      let result = try Tensor.checkedEinsum(node.string("equation", default: ""), operands)
      try GraphAssembler.checkSize(result.spec)
      return [ImportedValue(result)]
    },
  ]

  private static func batchProduct(_ name: String) -> TensorFlowOperator {
    TensorFlowOperator(name, 2) { node in
      try node.product(
        node.matrix(node.tensor(0), isTransposed: node.bool("adj_x")),
        node.matrix(node.tensor(1), isTransposed: node.bool("adj_y")))
    }
  }
}

extension TensorFlowNode {
  /// The last two axes exchanged.
  func matrix(_ tensor: Tensor, isTransposed: Bool) throws -> Tensor {
    guard tensor.rank >= 2 else { throw invalid("\(tensor.spec); matrices are expected") }
    if !isTransposed { return tensor }
    var order = Array(0..<tensor.rank)
    order.swapAt(tensor.rank - 1, tensor.rank - 2)
    return try transposed(tensor, order)
  }

  /// The product of floats. Integers whose products stay below 2^53 would be exact in `float64`, which cannot be known here.
  func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.dtype.isFloatingPoint else { throw unsupported("products of matrices of \(a.dtype)") }
    return try apply(MatmulOperator(), a, b)
  }
}
