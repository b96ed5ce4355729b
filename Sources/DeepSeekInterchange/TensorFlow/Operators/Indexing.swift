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
      let depth = try node.integer(1)
      guard depth >= 0, depth <= 1 << 30 else { throw node.invalid("depth \(depth)") }
      guard indices.rank < Shape.maximumRank else { throw node.unsupported("a result of \(indices.rank + 1) axes") }
      let axis = try node.axis(node.int("axis", default: -1), rank: indices.rank + 1)
      var lengths = indices.shape.dimensions
      lengths.insert(1, at: axis)
      let classes = try node.cast(node.counting(Dimension(depth)), to: .int64)
      let column = [Dimension(depth)] + Array(repeating: 1, count: indices.rank - axis)
      // An index outside has no one, so a comparison it is.
      let isThere = try node.binary(.equal, node.reshaped(indices, lengths), node.reshaped(classes, column))
      return try node.chosen(isThere, node.tensor(2), node.tensor(3))
    },
  ]
}

extension TensorFlowNode {
  /// Entries of an axis at indices of any shape, whose axes take its place.
  func gathered(_ axis: Int, batchAxes: Int) throws -> Tensor {
    let (x, indices) = (try tensor(0), try tensor(1))
    guard batchAxes == 0 else { throw unsupported("batch_dims \(batchAxes)") }
    guard x.rank >= 1, x.rank - 1 + indices.rank <= Shape.maximumRank else {
      throw invalid("entries of \(x.spec) at \(indices.spec)")
    }
    if axis == 0 && x.rank == 2 { return try apply(EmbeddingOperator(), x, indices) }
    let flat = try reshaped(indices, [indices.shape.product(0..<indices.rank)])
    var lengths = x.shape.dimensions
    lengths.replaceSubrange(axis...axis, with: indices.shape.dimensions)
    return try reshaped(apply(IndexSelectOperator(axis), x, flat), lengths)
  }
}
