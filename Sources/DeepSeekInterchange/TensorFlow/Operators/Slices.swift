import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Parts of tensors.
  static let slices: [TensorFlowOperator] = [
    TensorFlowOperator("Slice", 3) { node in
      var x = try node.tensor(0)
      let (begin, size) = (try node.lengths(1), try node.lengths(2))
      guard begin.count == x.rank, size.count == x.rank else {
        throw node.invalid("\(begin.count) beginnings and \(size.count) sizes for \(x.spec)")
      }
      for axis in 0..<x.rank {
        guard let end = size[axis] == .number(-1) ? Length(x.dimension(axis)) : begin[axis] + size[axis] else {
          throw node.unsupported("a slice from \(begin[axis]) of \(size[axis])")
        }
        x = try node.cut(x, axis, begin[axis], end)
      }
      return x
    },
    TensorFlowOperator("StridedSlice", 4) { try $0.stridedSlice() },
    TensorFlowOperator("Split", 2...2) { node in
      let x = try node.tensor(1)
      let axis = try node.axis(input: 0, rank: x.rank)
      let count = try node.int("num_split")
      guard let length = x.dimension(axis).known, (1...TensorFlowOperator.mostParts).contains(count),
        length % count == 0
      else { throw node.invalid("axis \(axis) of \(x.spec) in \(count) parts") }
      return try node.parts(x, axis, Array(repeating: length / count, count: count))
    },
    TensorFlowOperator("SplitV", 3...3) { node in
      let x = try node.tensor(0)
      let axis = try node.axis(input: 2, rank: x.rank)
      var sizes = try node.integers(1)
      guard let length = x.dimension(axis).known else { throw node.unsupported("parts of an axis of unknown length") }
      guard sizes.allSatisfy({ $0 >= -1 && $0 <= length }), sizes.filter({ $0 == -1 }).count <= 1 else {
        throw node.invalid("parts \(sizes) of an axis of \(length)")
      }
      let given = sizes.reduce(0) { $0 + max($1, 0) }
      if let open = sizes.firstIndex(of: -1) { sizes[open] = length - given }
      guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == length else {
        throw node.invalid("parts \(sizes) of an axis of \(length)")
      }
      return try node.parts(x, axis, sizes)
    },
    TensorFlowOperator("Unpack", 1...1) { node in
      let x = try node.tensor(0)
      let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
      let count = try node.int("num")
      guard x.dimension(axis) == Dimension(max(count, 0)) || x.dimension(axis).known == nil,
        (0...TensorFlowOperator.mostParts).contains(count)
      else { throw node.invalid("axis \(axis) of \(x.spec) in \(count) parts") }
      let parts = try node.parts(x, axis, Array(repeating: 1, count: count))
      return try parts.enumerated().map { place, part in
        let flat = try node.reshaped(part.tensor, x.shape.removing(axis).dimensions)
        return ImportedValue(flat, lengths: node.inputs[0].lengths.map { place < $0.count ? [$0[place]] : [] })
      }
    },
    TensorFlowOperator("ReverseSequence", 2) { node in
      try node.reversed(
        node.tensor(0), node.tensor(1), time: node.int("seq_dim"), batch: node.int("batch_dim", default: 0))
    },
  ]

  /// No graph takes a tensor apart in more parts than this.
  static let mostParts = 1 << 16
}

extension TensorFlowNode {
  /// NumPy's slicing: masks say which ends are open, which axes are new and which disappear.
  func stridedSlice() throws -> Tensor {
    var x = try tensor(0)
    let (begin, end, strides) = (try lengths(1), try lengths(2), try integers(3))
    guard begin.count == strides.count, end.count == strides.count, strides.count <= 4 * Shape.maximumRank else {
      throw invalid("\(begin.count) beginnings, \(end.count) ends and \(strides.count) strides")
    }
    let masks = try ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"].map {
      try int($0, default: 0)
    }
    func isSet(_ mask: Int, _ place: Int) -> Bool { masks[mask] >> place & 1 == 1 }
    let places = strides.indices
    guard places.filter({ isSet(2, $0) }).count <= 1 else { throw invalid("more than one ellipsis") }
    let taken = places.filter { !isSet(2, $0) && !isSet(3, $0) }.count
    guard taken <= x.rank else { throw invalid("\(taken) parts of \(x.spec)") }
    var axis = 0
    var shape: [Int?] = []  // The axis of `x` that stands there; nil for a new one.
    for place in places {
      if isSet(2, place) {
        for _ in 0..<x.rank - taken {
          shape.append(axis)
          axis += 1
        }
      } else if isSet(3, place) {
        shape.append(nil)
      } else {
        let length = Length(x.dimension(axis))
        if isSet(4, place) {
          x = try one(x, axis, position(begin[place], of: length))
        } else {
          x = try strided(
            x, axis, isSet(0, place) ? nil : begin[place], isSet(1, place) ? nil : end[place], strides[place])
          shape.append(axis)
        }
        axis += 1
      }
    }
    shape += (axis..<max(axis, x.rank)).map { $0 }
    guard shape.count <= Shape.maximumRank else { throw unsupported("a result of \(shape.count) axes") }
    return try reshaped(x, shape.map { $0.map { x.dimension($0) } ?? 1 })
  }
}
