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
  ]

  /// No graph takes a tensor apart in more parts than this.
  static let mostParts = 1 << 16
}

extension TensorFlowNode {
  /// Parts of an axis, one after the other.
  func parts(_ x: Tensor, _ axis: Int, _ sizes: [Int]) throws -> [ImportedValue] {
    guard sizes.count <= TensorFlowOperator.mostParts else { throw invalid("\(sizes.count) parts") }
    var start = 0
    return try sizes.map { size in
      defer { start += size }
      return ImportedValue(try sliced(x, axis, from: start, count: size))
    }
  }

  /// Indices from `begin` up to but without `end` of an axis.
  func cut(_ x: Tensor, _ axis: Int, _ begin: Length, _ end: Length) throws -> Tensor {
    let length = Length(x.dimension(axis))
    if begin == .number(0) && end == length { return x }
    guard let count = end - begin else { throw unsupported("a part from \(begin) to \(end)") }
    if let start = begin.number, let known = count.number {
      guard start >= 0, known >= 0 else { throw invalid("a part of \(known) from \(start) on") }
      return try sliced(x, axis, from: start, count: known)
    }
    // How many there are, or where they begin, is known only when the graph runs.
    guard let dimension = count.dimension else { throw unsupported("a part from \(begin) to \(end)") }
    return try apply(IndexSelectOperator(axis), x, binary(.add, counting(dimension), number(begin)))
  }

  /// One index of an axis, which stays with length 1.
  func one(_ x: Tensor, _ axis: Int, _ index: Length) throws -> Tensor {
    if let start = index.number { return try sliced(x, axis, from: start, count: 1) }
    return try apply(IndexSelectOperator(axis), x, number(index))
  }

  /// A length as a tensor of one `int64`: as many ones, added up.
  private func number(_ length: Length) throws -> Tensor {
    guard case .symbol(let dimension) = length else { return Tensor([1], [Int64(length.number ?? 0)]) }
    let ones = try apply(BroadcastOperator(Shape([dimension])), Tensor.full([], 1, dtype: .int64))
    return try apply(ReduceOperator(.sum, [0]), ones)
  }

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

  /// An index that counts from the end where it is negative.
  private func position(_ index: Length, of length: Length) throws -> Length {
    guard let number = index.number, number < 0 else { return index }
    guard let place = length + index else { throw invalid("index \(index) of \(length)") }
    return place
  }

  private func strided(_ x: Tensor, _ axis: Int, _ begin: Length?, _ end: Length?, _ step: Int) throws -> Tensor {
    guard step != 0, step != .min else { throw invalid("stride \(step)") }
    guard let length = x.dimension(axis).known else {
      guard step == 1 else { throw unsupported("stride \(step) along an axis of unknown length") }
      let whole = Length(x.dimension(axis))
      return try cut(x, axis, begin.map { try position($0, of: whole) } ?? .number(0), openEnd(end, whole))
    }
    if step == 1, [begin, end].contains(where: { $0.map { $0.number == nil } ?? false }) {
      let whole = Length(x.dimension(axis))
      return try cut(x, axis, begin.map { try position($0, of: whole) } ?? .number(0), openEnd(end, whole))
    }
    let first = try edge(begin, length, step, open: step > 0 ? 0 : length - 1)
    let last = try edge(end, length, step, open: step > 0 ? length : -1)
    let distance = step > 0 ? last - first : first - last
    let count = distance <= 0 ? 0 : (distance - 1) / abs(step) + 1
    if count == length && step == 1 { return x }
    if count == 0 { return try sliced(x, axis, from: 0, count: 0) }
    return try apply(SliceOperator([SliceOperator.Extent(axis: axis, start: first, count: count, step: step)]), x)
  }

  /// The end of a part of an axis of unknown length. A number is taken to lie inside, as the graph's maker had it.
  private func openEnd(_ end: Length?, _ length: Length) throws -> Length {
    guard let end else { return length }
    return end == .number(.max) || end == .number(Int(Int32.max)) ? length : try position(end, of: length)
  }

  /// A beginning or an end on an axis of known length, cut to it.
  private func edge(_ place: Length?, _ length: Int, _ step: Int, open: Int) throws -> Int {
    guard let place else { return open }
    guard let number = place.number else {
      throw unsupported("a part of an axis of \(length) from or to '\(place)', known only when the graph runs")
    }
    let index = number < 0 ? (number < -length - 1 ? -1 : number + length) : number
    return step > 0 ? min(max(index, 0), length) : min(max(index, -1), length - 1)
  }
}
