import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Shapes as tensors, and the same elements under other shapes.
  static let shapes: [ONNXOperator] = [
    ONNXOperator(
      "Shape", 1...1,
      values: { node in
        let x = try node.tensor(0)
        func edge(_ place: Int) -> Int { min(max(place < 0 && place > .min / 2 ? place + x.rank : place, 0), x.rank) }
        let first = edge(try node.int("start", default: 0))
        let last = max(first, edge(try node.int("end", default: x.rank)))
        let part = x.shape.dimensions[first..<last]
        if part.allSatisfy({ $0.known != nil }) {
          return [ImportedValue(Tensor([part.count], part.map { Int64($0.known ?? 0) }))]
        }
        let whole = try node.shapeTensor(x, .int64)
        let cut = first == 0 && last == x.rank ? whole : try node.sliced(whole, 0, from: first, count: last - first)
        return [ImportedValue(cut, lengths: part.map { Length($0) })]
      }),
    ONNXOperator(
      "Size", 1...1,
      values: { node in
        let x = try node.tensor(0)
        let total = x.shape.product(0..<x.rank)
        if let known = total.known { return [ImportedValue(Tensor.full([], known, dtype: .int64))] }
        let product = try node.reduced(.product, node.shapeTensor(x, .int64), [0], keepsAxes: false)
        return [ImportedValue(product, lengths: [.symbol(total)])]
      }),
    ONNXOperator(
      "Reshape", 1...2,
      tensor: { node in
        let x = try node.tensor(0)
        guard let lengths = try node.lengths(input: 1, orAttribute: "shape") else {
          throw node.invalid("neither an input nor an attribute says which shape")
        }
        guard lengths.count <= Shape.maximumRank else { throw node.unsupported("a shape of \(lengths.count) axes") }
        let keepsZero = try node.bool("allowzero")
        let target = try lengths.enumerated().map { axis, length -> Dimension? in
          if length == .number(-1) { return nil }
          if length == .number(0) && !keepsZero {
            guard axis < x.rank else { throw node.invalid("length 0 at axis \(axis) copies none of \(x.spec)") }
            return x.dimension(axis)
          }
          guard let dimension = length.dimension else { throw node.invalid("length \(length) is negative") }
          return dimension
        }
        return target == x.shape.dimensions ? x : try node.apply(ReshapeOperator(target), x)
      }),
    ONNXOperator(
      "Flatten", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let place = try node.int("axis", default: 1)
        let axis = place < 0 && place > .min / 2 ? place + x.rank : place
        guard (0...x.rank).contains(axis) else { throw node.invalid("axis \(place) is outside \(x.spec)") }
        return try node.reshaped(x, [x.shape.product(0..<axis), x.shape.product(axis..<x.rank)])
      }),
    ONNXOperator(
      "Squeeze", 1...2,
      tensor: { node in
        let x = try node.tensor(0)
        let named = try node.integers(input: 1, orAttribute: "axes")
        let axes = try Set((named ?? []).map { try node.axis($0, rank: x.rank) })
        for axis in axes where x.dimension(axis) != 1 {
          throw node.invalid("axis \(axis) of \(x.spec) is not of length 1")
        }
        let kept = (0..<x.rank).filter { named == nil ? x.dimension($0) != 1 : !axes.contains($0) }
        return try node.reshaped(x, kept.map { x.dimension($0) })
      }),
    ONNXOperator(
      "Unsqueeze", 1...2,
      tensor: { node in
        let x = try node.tensor(0)
        guard let named = try node.integers(input: 1, orAttribute: "axes") else {
          throw node.invalid("no axes are named")
        }
        let rank = x.rank + named.count
        guard rank <= Shape.maximumRank else { throw node.unsupported("a result of \(rank) axes") }
        let axes = try Set(named.map { try node.axis($0, rank: rank) })
        guard axes.count == named.count else { throw node.invalid("an axis is named twice in \(named)") }
        var rest = x.shape.dimensions.makeIterator()
        return try node.reshaped(x, (0..<rank).map { axes.contains($0) ? 1 : rest.next() ?? 1 })
      }),
    ONNXOperator(
      "Transpose", 1...1,
      tensor: { node in
        let x = try node.tensor(0)
        let order = try node.ints("perm", default: Array((0..<x.rank).reversed()))
        return try node.transposed(x, order.map { try node.axis($0, rank: x.rank) })
      }),
    ONNXOperator(
      "Expand", 2...2,
      tensor: { node in
        let x = try node.tensor(0)
        let wanted = try node.shape(node.lengths(1))
        // Either side may stretch.
        return try node.broadcast(x, to: Shape.broadcast(x.shape, wanted, in: "broadcast"))
      }),
    ONNXOperator(
      "Tile", 2...3,
      tensor: { node in
        let x = try node.tensor(0)
        if node.version >= 6 { return try node.tiled(x, node.shape(node.lengths(1))) }
        let (count, axis) = (try node.integer(1), try node.axis(input: 2, rank: x.rank))
        guard count >= 0 else { throw node.invalid("\(count) times") }
        return try node.tiled(x, Shape((0..<x.rank).map { $0 == axis ? count : 1 }))
      }),
    ONNXOperator(
      "DepthToSpace", 1...1,
      tensor: { node in
        let (x, block) = (try node.image(0), try node.blockSize())
        let depth = try node.quotient(x.dimension(1), block * block)
        let (batch, height, width) = (x.dimension(0), x.dimension(2), x.dimension(3))
        let isColumnFirst = try node.string("mode", default: "DCR") == "CRD"
        let split: [Dimension] =
          isColumnFirst ? [batch, depth, block, block, height, width] : [batch, block, block, depth, height, width]
        let turned = try node.transposed(
          node.reshaped(x, split), isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
        return try node.reshaped(turned, [batch, depth, height * block, width * block])
      }),
    ONNXOperator(
      "SpaceToDepth", 1...1,
      tensor: { node in
        let (x, block) = (try node.image(0), try node.blockSize())
        let (batch, channels) = (x.dimension(0), x.dimension(1))
        let (height, width) = (try node.quotient(x.dimension(2), block), try node.quotient(x.dimension(3), block))
        let split = try node.reshaped(x, [batch, channels, height, block, width, block])
        return try node.reshaped(
          node.transposed(split, [0, 3, 5, 1, 2, 4]), [batch, block * block * channels, height, width])
      }),
  ]
}

extension ONNXNode {
  /// An input `[batch, channels, height, width]`.
  func image(_ index: Int) throws -> Tensor {
    let x = try tensor(index)
    guard x.rank == 4 else { throw invalid("\(x.spec); [batch, channels, height, width] is expected") }
    return x
  }

  fileprivate func blockSize() throws -> Dimension {
    let size = try int("blocksize")
    guard (1...1 << 20).contains(size) else { throw invalid("blocksize \(size)") }
    return Dimension(size)
  }
}
