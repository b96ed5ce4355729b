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
      let counts = try node.shape(node.lengths(1))
      var x = try node.tensor(0)
      guard counts.rank == x.rank else { throw node.invalid("\(counts.rank) counts for \(x.spec)") }
      for axis in 0..<x.rank where counts.dimension(axis) != 1 {
        let (outer, inner) = (x.shape.product(0..<axis), x.shape.product(axis..<x.rank))
        let count = counts.dimension(axis)
        let blocks = try node.broadcast(node.reshaped(x, [outer, 1, inner]), to: Shape([outer, count, inner]))
        x = try node.reshaped(blocks, x.shape.replacing(axis, with: count * x.dimension(axis)).dimensions)
      }
      return x
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

  /// The lengths of a tensor's axes as a tensor.
  func shapeTensor(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    guard x.shape.isKnown else { return try cast(apply(ShapeOperator(), x), to: dtype) }
    return Tensor([x.rank], Array(x.shape).map { Int64($0) }).converted(to: dtype)
  }

  /// The shape of an input: as a tensor, and as lengths.
  func shapeValue(_ index: Int) throws -> ImportedValue {
    let x = try tensor(index)
    let shape = try shapeTensor(x, shapeType())
    return ImportedValue(shape, lengths: x.shape.isKnown ? nil : x.shape.dimensions.map { Length($0) })
  }

  /// A range of three constants.
  func constantRange() throws -> ImportedValue {
    let (start, limit, step) = (try number(0), try number(1), try number(2))
    let dtype = try tensor(0).dtype
    guard step != 0, (limit - start).isFinite, step.isFinite else {
      throw invalid("a range from \(start) to \(limit) by \(step)")
    }
    let count = max(0, ((limit - start) / step).rounded(.up))
    guard count < Double(1 << 40) else { throw invalid("a range of \(count) numbers") }
    let numbers = try cast(counting(Dimension(Int(count))), to: dtype)
    let scaled = step == 1 ? numbers : try unary(.multiplyScalar, numbers, step)
    return ImportedValue(start == 0 ? scaled : try unary(.addScalar, scaled, start))
  }

  /// A range whose ends are lengths.
  func countedRange(_ dtype: DType) throws -> ImportedValue {
    let ends = try (0..<3).map { index in
      let lengths = try lengths(index)
      guard lengths.count == 1 else { throw invalid("input \(index) has \(lengths.count) elements, one is expected") }
      return lengths[0]
    }
    guard ends[2] == .number(1), let start = ends[0].number, let count = (ends[1] - ends[0])?.dimension else {
      throw unsupported("a range from \(ends[0]) to \(ends[1]) by \(ends[2])")
    }
    let numbers = try cast(counting(count), to: dtype)
    return ImportedValue(start == 0 ? numbers : try unary(.addScalar, numbers, Double(start)))
  }
}
