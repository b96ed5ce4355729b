import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Elements picked by indices.
  static let indexing: [TensorFlowOperator] = [
    TensorFlowOperator("Gather", 2) { try $0.gathered(0, batchAxes: 0) },
    TensorFlowOperator("GatherV2", 3) { node in
      let rank = try node.tensor(0).rank
      return try node.gathered(node.axis(input: 2, rank: rank), batchAxes: node.int("batch_dims", default: 0))
    },
    TensorFlowOperator("ResourceGather", 2) { try $0.gathered(0, batchAxes: $0.int("batch_dims", default: 0)) },
    TensorFlowOperator("GatherNd", 2) { try $0.apply(GatherNDOperator(), $0.tensor(0), $0.tensor(1)) },
    TensorFlowOperator("OneHot", 4) { node in
      let indices = try node.cast(node.tensor(0), to: .int64)
      let isThere = try node.oneHot(indices, node.integer(1), axis: node.int("axis", default: -1))
      return try node.chosen(isThere, node.tensor(2), node.tensor(3))
    },
  ]
}

extension TensorFlowNode {
  /// Entries of an axis of the first input at indices of any shape, whose axes take its place.
  func gathered(_ axis: Int, batchAxes: Int) throws -> Tensor {
    guard batchAxes == 0 else { throw unsupported("batch_dims \(batchAxes)") }
    return try gathered(tensor(0), tensor(1), axis)
  }
}
