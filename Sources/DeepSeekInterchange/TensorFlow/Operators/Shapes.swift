import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Shapes as tensors, and the same elements under other shapes.
  static let shapes: [TensorFlowOperator] = [
    TensorFlowOperator("Shape", 1...1) { [try $0.shapeValue(0)] },
    TensorFlowOperator("ShapeN", 1...Int.max) { node in try node.inputs.indices.map { try node.shapeValue($0) } },
    TensorFlowOperator("Size", 1...1) { node in
      let dtype = try node.shapeType()
      let x = try node.tensor(0)
      let total = x.shape.product(0..<x.rank)
      guard let known = total.known else {
        let shape = try node.shapeTensor(x, .int64)
        let product = try node.reduced(.product, shape, [0], keepsAxes: false)
        return [ImportedValue(try node.cast(product, to: dtype), lengths: [.symbol(total)])]
      }
      return [ImportedValue(Tensor.full([], known, dtype: dtype))]
    },
    TensorFlowOperator("Rank", 1) { Tensor.full([], try $0.tensor(0).rank, dtype: .int32) },
    TensorFlowOperator("Reshape", 2) { node in
      let lengths = try node.lengths(1)
      guard lengths.count <= Shape.maximumRank else { throw node.unsupported("a shape of \(lengths.count) axes") }
      let target = try lengths.map { length -> Dimension? in
        if length == .number(-1) { return nil }
        guard let dimension = length.dimension else { throw node.invalid("length \(length) is negative") }
        return dimension
      }
      let x = try node.tensor(0)
      return target == x.shape.dimensions ? x : try node.apply(ReshapeOperator(target), x)
    },
    TensorFlowOperator("ExpandDims", 2) { node in
      let x = try node.tensor(0)
      var lengths = x.shape.dimensions
      lengths.insert(1, at: try node.axis(input: 1, rank: x.rank + 1))
      return try node.reshaped(x, lengths)
    },
    TensorFlowOperator("Squeeze", 1) { node in
      let x = try node.tensor(0)
      let named = try node.ints("squeeze_dims", default: node.ints("axis", default: []))
      let axes = try Set(named.map { try node.axis($0, rank: x.rank) })
      for axis in axes where x.dimension(axis) != 1 {
        throw node.invalid("axis \(axis) of \(x.spec) is not of length 1")
      }
      let kept = (0..<x.rank).filter { axes.isEmpty ? x.dimension($0) != 1 : !axes.contains($0) }
      return try node.reshaped(x, kept.map { x.dimension($0) })
    },
    TensorFlowOperator("Transpose", 2) { node in
      let x = try node.tensor(0)
      return try node.transposed(x, node.integers(1).map { try node.axis($0, rank: x.rank) })
    },
    TensorFlowOperator("Fill", 2) { node in
      try node.broadcast(node.tensor(1), to: node.shape(node.lengths(0)))
    },
    TensorFlowOperator("BroadcastTo", 2) { node in
      try node.broadcast(node.tensor(0), to: node.shape(node.lengths(1)))
    },
    TensorFlowOperator("Tile", 2) { node in
      try node.tiled(node.tensor(0), node.shape(node.lengths(1)))
    },
    TensorFlowOperator("Range", 3...3) { node in
      let (start, limit, step) = (try node.tensor(0), try node.tensor(1), try node.tensor(2))
      let isConstant = [start, limit, step].allSatisfy { $0.graphValue == nil }
      return [isConstant ? try node.constantRange() : try node.countedRange(start.dtype)]
    },
    TensorFlowOperator("ReverseV2", 2) { node in
      let x = try node.tensor(0)
      return try node.flipped(x, node.integers(1).map { try node.axis($0, rank: x.rank) })
    },
  ]
}

extension TensorFlowNode {
  /// The element type that a shape is wanted in.
  func shapeType() throws -> DType {
    let dtype = try dtype("out_type", default: .int32)
    guard dtype == .int32 || dtype == .int64 else { throw invalid("attribute 'out_type' \(dtype)") }
    return dtype
  }

  /// The shape of an input: as a tensor, and as lengths.
  func shapeValue(_ index: Int) throws -> ImportedValue {
    let x = try tensor(index)
    let shape = try shapeTensor(x, shapeType())
    return ImportedValue(shape, lengths: x.shape.isKnown ? nil : x.shape.dimensions.map { Length($0) })
  }
}
