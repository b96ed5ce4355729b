import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Elements picked, or put, by indices.
  static let indexing: [ONNXOperator] = [
    ONNXOperator(
      "Gather", 2...2,
      tensor: { node in
        let axis = try node.axis(node.int("axis", default: 0), rank: node.tensor(0).rank)
        let x = try node.tensor(0)
        return try node.gathered(x, node.places(1, in: x, axis), axis)
      }),
    ONNXOperator(
      "GatherElements", 2...2,
      tensor: { node in
        let x = try node.tensor(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
        return try node.apply(GatherOperator(axis), x, node.places(1, in: x, axis))
      }),
    ONNXOperator("GatherND", 2...2, tensor: { try $0.gatheredND() }),
    ONNXOperator(
      "ScatterND", 3...3,
      tensor: { node in
        let (x, indices) = (try node.tensor(0), try node.pointsFromStart(node.tensor(1), node.tensor(0)))
        return try node.apply(ScatterNDOperator(node.scatterMode()), x, indices, node.tensor(2))
      }),
    scatter("Scatter"), scatter("ScatterElements"),
    ONNXOperator(
      "OneHot", 3...3,
      tensor: { node in
        let values = try node.tensor(2)
        let depth = Int(try node.number(1))
        guard values.shape == [2] else {
          throw node.invalid("values \(values.spec); those for off and on are expected")
        }
        var indices = try node.cast(node.tensor(0), to: .int64)
        indices = try node.fromStart(indices, Dimension(max(depth, 0)))
        let isThere = try node.oneHot(indices, depth, axis: node.int("axis", default: -1))
        let sides = try (0..<2).map { try node.reshaped(node.sliced(values, 0, from: $0, count: 1), []) }
        return try node.chosen(isThere, sides[1], sides[0])
      }),
    ONNXOperator(
      "NonZero", 1...1,
      tensor: { node in
        try node.transposed(node.known(NonzeroOperator(), node.tensor(0)), [1, 0])
      }),
    ONNXOperator(
      "Compress", 2...2,
      tensor: { node in
        var x = try node.tensor(0)
        let axis: Int
        if node.attributes["axis"] == nil {
          x = try node.reshaped(x, [x.shape.product(0..<x.rank)])
          axis = 0
        } else {
          axis = try node.axis(node.int("axis"), rank: x.rank)
        }
        let places = try node.known(NonzeroOperator(), node.tensor(1))
        return try node.apply(IndexSelectOperator(axis), x, node.reshaped(places, [places.dimension(0)]))
      }),
    ONNXOperator("Unique", 1...1, values: { try $0.unique() }),
  ]

  private static func scatter(_ name: String) -> ONNXOperator {
    ONNXOperator(
      name, 3...3,
      tensor: { node in
        let x = try node.tensor(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: x.rank)
        return try node.apply(
          ScatterOperator(node.scatterMode(), axis), x, node.places(1, in: x, axis), node.tensor(2))
      })
  }
}

extension ONNXNode {
  /// Indices that count from an axis' end where they are negative, counted from its start.
  func fromStart(_ indices: Tensor, _ length: Dimension) throws -> Tensor {
    guard indices.dtype == .int32 || indices.dtype == .int64 else { throw invalid("indices \(indices.spec)") }
    if indices.graphValue == nil {
      let isPlain = indices.array(of: Int64.self).allSatisfy { $0 >= 0 }
      if isPlain { return indices }
    }
    let size: Tensor
    if let known = length.known {
      size = Tensor.full([], known, dtype: indices.dtype)
    } else {
      size = try cast(number(Length(length)), to: indices.dtype)
    }
    let zero = Tensor.full([], 0, dtype: indices.dtype)
    return try chosen(binary(.less, indices, zero), binary(.add, indices, size), indices)
  }

  /// The indices of an input along an axis of `x`, counted from its start.
  fileprivate func places(_ index: Int, in x: Tensor, _ axis: Int) throws -> Tensor {
    try fromStart(tensor(index), x.dimension(axis))
  }

  /// Points `[…, k]`, an index for each of the first k axes of `x`, counted from their starts.
  fileprivate func pointsFromStart(_ points: Tensor, _ x: Tensor) throws -> Tensor {
    guard points.rank >= 1, let count = points.dimension(-1 + points.rank).known, count <= x.rank else {
      throw invalid("indices \(points.spec) for \(x.spec)")
    }
    let isPlain = points.graphValue == nil && points.array(of: Int64.self).allSatisfy { $0 >= 0 }
    if isPlain { return points }
    let lengths = (0..<count).map { x.dimension($0) }
    guard lengths.allSatisfy({ $0.known != nil }) else { return points }
    let sizes = Tensor([count], lengths.map { Int64($0.known ?? 0) }).converted(to: points.dtype)
    let zero = Tensor.full([], 0, dtype: points.dtype)
    return try chosen(binary(.less, points, zero), binary(.add, points, sizes), points)
  }

  fileprivate func scatterMode() throws -> ScatterOperator.Mode {
    switch try string("reduction", default: "none") {
    case "none": return .set
    case "add": return .add
    case "mul": return .multiply
    case "max": return .max
    case "min": return .min
    case let other: throw unsupported("reduction '\(other)'")
    }
  }

  /// An operator whose result's shape follows from the elements, which must be known.
  fileprivate func known(_ operation: any Operator, _ x: Tensor) throws -> Tensor {
    guard x.graphValue == nil else {
      throw unsupported("the shape of its result follows from elements that are known only when the graph runs")
    }
    return try apply(operation, x)
  }

  /// Slices at points; the first `batch_dims` axes go together.
  fileprivate func gatheredND() throws -> Tensor {
    let x = try tensor(0)
    let batch = try int("batch_dims", default: 0)
    let given = try tensor(1)
    if batch == 0 { return try apply(GatherNDOperator(), x, pointsFromStart(given, x)) }
    guard batch > 0, batch < given.rank, batch < x.rank, given.rank + 1 <= Shape.maximumRank else {
      throw invalid("batch_dims \(batch) for \(x.spec) and \(given.spec)")
    }
    let leading = x.shape.product(0..<batch)
    let inner = try reshaped(x, [leading] + (batch..<x.rank).map { x.dimension($0) })
    let places = try reshaped(given, [leading] + (batch..<given.rank).map { given.dimension($0) })
    var column = places.shape.dimensions
    column[column.count - 1] = 1
    let ones = Array(repeating: Dimension(1), count: column.count - 1)
    let entry = try cast(broadcast(reshaped(counting(leading), [leading] + ones), to: Shape(column)), to: places.dtype)
    let points = try apply(ConcatenateOperator(places.rank - 1), entry, places)
    let result = try apply(GatherNDOperator(), inner, pointsFromStart(points, inner))
    return try reshaped(result, (0..<batch).map { x.dimension($0) } + result.shape.dimensions.dropFirst())
  }

  /// The distinct elements or slices of a constant: their number follows from the elements.
  fileprivate func unique() throws -> [ImportedValue] {
    let given = try tensor(0)
    guard given.graphValue == nil else {
      throw unsupported("the shape of its result follows from elements that are known only when the graph runs")
    }
    let axis = attributes["axis"] == nil ? nil : try axis(int("axis"), rank: given.rank)
    let x = try axis == nil ? reshaped(given, [given.shape.product(0..<given.rank)]) : given
    let place = axis ?? 0
    let count = x.dimension(place).value
    // Each slice as its elements, to be compared in order.
    let order = [place] + (0..<x.rank).filter { $0 != place }
    let rows = try transposed(x, order).array(of: Double.self)
    let width = count == 0 ? 0 : rows.count / count
    func row(_ index: Int) -> ArraySlice<Double> { rows[index * width..<(index + 1) * width] }
    var firsts: [[Double]: Int] = [:]
    for index in 0..<count where firsts[Array(row(index))] == nil { firsts[Array(row(index))] = index }
    let isSorted = try bool("sorted", default: true)
    let distinct = firsts.values.sorted { isSorted ? row($0).lexicographicallyPrecedes(row($1)) : $0 < $1 }
    var ranks: [[Double]: Int] = [:]
    for (rank, index) in distinct.enumerated() { ranks[Array(row(index))] = rank }
    let inverse = (0..<count).map { ranks[Array(row($0))] ?? 0 }
    var counts = Array(repeating: 0, count: distinct.count)
    for rank in inverse { counts[rank] += 1 }
    let picked = try apply(IndexSelectOperator(place), x, Tensor([distinct.count], distinct.map { Int64($0) }))
    let lists = [distinct, inverse, counts].map { ImportedValue(Tensor([$0.count], $0.map { Int64($0) })) }
    return [ImportedValue(picked)] + lists
  }
}
