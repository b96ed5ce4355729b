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
      return [ImportedValue(try node.einsum(node.string("equation", default: ""), operands))]
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
