import DeepSeekOperators
import DeepSeekTensor

extension ImportedNode {
  /// The lengths of a tensor's axes as a tensor.
  func shapeTensor(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    guard x.shape.isKnown else { return try cast(apply(ShapeOperator(), x), to: dtype) }
    return Tensor([x.rank], Array(x.shape).map { Int64($0) }).converted(to: dtype)
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

  /// Parts of an axis, one after the other.
  func parts(_ x: Tensor, _ axis: Int, _ sizes: [Int]) throws -> [ImportedValue] {
    guard sizes.count <= TensorFlowOperator.mostParts else { throw invalid("\(sizes.count) parts") }
    var start = 0
    return try sizes.map { size in
      let part = try sliced(x, axis, from: start, count: size)
      // No tensor is so long that the sum overflows.
      start += size
      return ImportedValue(part)
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
  func number(_ length: Length) throws -> Tensor {
    guard case .symbol(let dimension) = length else { return Tensor([1], [Int64(length.number ?? 0)]) }
    let ones = try apply(BroadcastOperator(Shape([dimension])), Tensor.full([], 1, dtype: .int64))
    return try apply(ReduceOperator(.sum, [0]), ones)
  }

  /// Entries of an axis at indices of any shape, whose axes take its place.
  func gathered(_ x: Tensor, _ indices: Tensor, _ axis: Int) throws -> Tensor {
    guard x.rank >= 1, x.rank - 1 + indices.rank <= Shape.maximumRank else {
      throw invalid("entries of \(x.spec) at \(indices.spec)")
    }
    if axis == 0 && x.rank == 2 { return try apply(EmbeddingOperator(), x, indices) }
    let flat = try reshaped(indices, [indices.shape.product(0..<indices.rank)])
    var lengths = x.shape.dimensions
    lengths.replaceSubrange(axis...axis, with: indices.shape.dimensions)
    return try reshaped(apply(IndexSelectOperator(axis), x, flat), lengths)
  }

  /// Element by element, a single one meeting all.
  func combined(_ known: [[Length]?], _ function: (Length, Length) -> Length?) -> [Length]? {
    guard known.count == 2, let left = known[0], let right = known[1] else { return nil }
    let count = max(left.count, right.count)
    guard (left.count == count || left.count == 1) && (right.count == count || right.count == 1) else { return nil }
    let results = (0..<count).compactMap { index in
      function(left[left.count == 1 ? 0 : index], right[right.count == 1 ? 0 : index])
    }
    return results.count == count ? results : nil
  }

  /// An index that counts from the end where it is negative.
  func position(_ index: Length, of length: Length) throws -> Length {
    guard let number = index.number, number < 0 else { return index }
    guard let place = length + index else { throw invalid("index \(index) of \(length)") }
    return place
  }

  func strided(_ x: Tensor, _ axis: Int, _ begin: Length?, _ end: Length?, _ step: Int) throws -> Tensor {
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
  func openEnd(_ end: Length?, _ length: Length) throws -> Length {
    guard let end else { return length }
    return end == .number(.max) || end == .number(Int(Int32.max)) ? length : try position(end, of: length)
  }

  /// A beginning or an end on an axis of known length, cut to it.
  func edge(_ place: Length?, _ length: Int, _ step: Int, open: Int) throws -> Int {
    guard let place else { return open }
    guard let number = place.number else {
      throw unsupported("a part of an axis of \(length) from or to '\(place)', known only when the graph runs")
    }
    let index = number < 0 ? (number < -length - 1 ? -1 : number + length) : number
    return step > 0 ? min(max(index, 0), length) : min(max(index, -1), length - 1)
  }

  /// The whole repeated along each axis.
  func tiled(_ tensor: Tensor, _ counts: Shape) throws -> Tensor {
    var x = tensor
    guard counts.rank == x.rank else { throw invalid("\(counts.rank) counts for \(x.spec)") }
    for axis in 0..<x.rank where counts.dimension(axis) != 1 {
      let (outer, inner) = (x.shape.product(0..<axis), x.shape.product(axis..<x.rank))
      let count = counts.dimension(axis)
      let blocks = try broadcast(reshaped(x, [outer, 1, inner]), to: Shape([outer, count, inner]))
      x = try reshaped(blocks, x.shape.replacing(axis, with: count * x.dimension(axis)).dimensions)
    }
    return x
  }

  /// Whether each class of a new axis is the one that an `int64` index names: `bool`. An index outside names none.
  func oneHot(_ indices: Tensor, _ depth: Int, axis place: Int) throws -> Tensor {
    guard depth >= 0, depth <= 1 << 30 else { throw invalid("depth \(depth)") }
    guard indices.rank < Shape.maximumRank else { throw unsupported("a result of \(indices.rank + 1) axes") }
    let axis = try axis(place, rank: indices.rank + 1)
    var lengths = indices.shape.dimensions
    lengths.insert(1, at: axis)
    let column = [Dimension(depth)] + Array(repeating: 1, count: indices.rank - axis)
    return try binary(.equal, reshaped(indices, lengths), reshaped(counting(Dimension(depth)), column))
  }
}
