import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Products of matrices.
  static let products: [ONNXOperator] = [
    ONNXOperator("MatMul", 2...2, tensor: { try $0.matrixProduct($0.tensor(0), $0.tensor(1)) }),
    ONNXOperator(
      "Gemm", 2...3,
      tensor: { node in
        let a = try node.matrix(node.tensor(0), isTransposed: node.bool("transA"))
        let b = try node.matrix(node.tensor(1), isTransposed: node.bool("transB"))
        guard a.rank == 2, b.rank == 2 else { throw node.invalid("\(a.spec) and \(b.spec); two matrices are expected") }
        var product = try node.product(a, b)
        let (alpha, beta) = (try node.float("alpha", default: 1), try node.float("beta", default: 1))
        if alpha != 1 { product = try node.unary(.multiplyScalar, product, alpha) }
        guard var c = node.optional(2) else { return product }
        if beta != 1 { c = try node.unary(.multiplyScalar, c, beta) }
        return try node.binary(.add, product, c)
      }),
    ONNXOperator(
      "Einsum", 1...Int.max,
      tensor: { node in
        try node.einsum(node.string("equation"), node.inputs.indices.map { try node.tensor($0) })
      }),
    ONNXOperator(
      "Det", 1...1,
      tensor: { node in
        let parts = try node.assembler.apply(DeterminantOperator(), [node.tensor(0)])
        return try node.binary(.multiply, parts[0], node.unary(.exp, parts[1]))
      }),
  ]
}

extension ONNXNode {
  /// NumPy's product: vectors are rows or columns, whose axis is then dropped.
  func matrixProduct(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank >= 1, right.rank >= 1 else {
      throw invalid("\(left.spec) and \(right.spec); a scalar is no matrix")
    }
    let a = left.rank == 1 ? try reshaped(left, [1, left.dimension(0)]) : left
    let b = right.rank == 1 ? try reshaped(right, [right.dimension(0), 1]) : right
    let product = try product(a, b)
    var lengths = product.shape.dimensions
    if right.rank == 1 { lengths.removeLast() }
    if left.rank == 1 { lengths.remove(at: product.rank - 2) }
    return try reshaped(product, lengths)
  }
}
