import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Images read at computed places, and boxes.
  static let sampling: [ONNXOperator] = [
    ONNXOperator("GridSample", 2...2, tensor: { try $0.gridSampled() }),
    ONNXOperator("RoiAlign", 3...3, tensor: { try $0.regionsAligned() }),
    ONNXOperator("NonMaxSuppression", 2...5, tensor: { try $0.suppressed() }),
  ]
}

/// An image's planes as lists, `[batch, channels, height · width]`, to be read at places `[batch, 1, places]`.
private struct SampledPlanes {
  let planes: Tensor
  let height: Double
  let width: Double
}

extension ONNXNode {
  private func planes(_ x: Tensor) throws -> SampledPlanes {
    guard x.rank == 4, let height = x.dimension(2).known, let width = x.dimension(3).known, height > 0, width > 0 else {
      throw unsupported("\(x.spec); [batch, channels, height, width] of known size is expected")
    }
    let flat = try reshaped(x, [x.dimension(0), x.dimension(1), Dimension(height * width)])
    return SampledPlanes(planes: flat, height: Double(height), width: Double(width))
  }

  /// The elements at whole places, which must lie inside.
  private func picked(_ image: SampledPlanes, _ y: Tensor, _ x: Tensor) throws -> Tensor {
    let row = try unary(.multiplyScalar, cast(y, to: .int64), image.width)
    let place = try binary(.add, row, cast(x, to: .int64))
    let target = Shape([place.dimension(0), image.planes.dimension(1), place.dimension(2)])
    return try apply(GatherOperator(2), image.planes, broadcast(place, to: target))
  }

  fileprivate func gridSampled() throws -> Tensor {
    let (x, grid) = (try tensor(0), try tensor(1))
    let image = try planes(x)
    guard grid.rank == 4, grid.dimension(3) == 2, grid.dtype == x.dtype else { throw invalid("grid \(grid.spec)") }
    let isAligned = try bool("align_corners")
    let places = grid.dimension(1) * grid.dimension(2)
    func coordinate(_ index: Int, _ length: Double) throws -> Tensor {
      let part = try reshaped(sliced(grid, 3, from: index, count: 1), [grid.dimension(0), 1, places])
      let shifted = try unary(.addScalar, part, 1)
      if isAligned { return try unary(.multiplyScalar, shifted, (length - 1) / 2) }
      return try unary(.addScalar, unary(.multiplyScalar, shifted, length / 2), -0.5)
    }
    let (px, py) = (try coordinate(0, image.width), try coordinate(1, image.height))
    let padding = try string("padding_mode", default: "zeros")
    func tap(_ y: Tensor, _ x: Tensor) throws -> Tensor {
      let (iy, outsideY) = try inside(y, image.height, padding, isAligned)
      let (ix, outsideX) = try inside(x, image.width, padding, isAligned)
      let value = try picked(image, iy, ix)
      guard let outsideX, let outsideY else { return value }
      return try chosen(binary(.logicalOr, outsideX, outsideY), scalar(0, value.dtype), value)
    }
    let result: Tensor
    switch try string("mode", default: version < 20 ? "bilinear" : "linear") {
    case "nearest": result = try tap(unary(.round, py), unary(.round, px))
    case "bilinear", "linear":
      result = try blended(py, px, 0...1, tap) { distance, _ in try unary(.addScalar, unary(.negate, distance), 1) }
    case "bicubic", "cubic": result = try blended(py, px, -1...2, tap) { try cubic($0, isNear: $1 == 0 || $1 == 1) }
    case let other: throw unsupported("mode '\(other)'")
    }
    return try reshaped(result, [x.dimension(0), x.dimension(1), grid.dimension(1), grid.dimension(2)])
  }

  /// A whole place brought inside as the padding has it, and with zeros around the image whether it was outside.
  private func inside(_ place: Tensor, _ length: Double, _ padding: String, _ isAligned: Bool) throws -> (
    Tensor, Tensor?
  ) {
    let clamped = try unary(.hardTanh, place, 0, length - 1)
    switch padding {
    case "zeros": return (clamped, try binary(.notEqual, clamped, place))
    case "border": return (clamped, nil)
    case "reflection":
      let (low, span) = isAligned ? (0, length - 1) : (-0.5, length)
      if span == 0 { return (clamped, nil) }
      let far = try binary(.fmod, unary(.abs, unary(.addScalar, place, -low)), scalar(2 * span, place.dtype))
      let back = try unary(.addScalar, unary(.negate, far), 2 * span)
      let near = try unary(.addScalar, binary(.minimum, far, back), low)
      return (try unary(.hardTanh, unary(.round, near), 0, length - 1), nil)
    default: throw unsupported("padding_mode '\(padding)'")
    }
  }

  /// Neighbours on both axes, each weighed by its distance.
  private func blended(
    _ y: Tensor, _ x: Tensor, _ steps: ClosedRange<Int>, _ tap: (Tensor, Tensor) throws -> Tensor,
    _ weight: (Tensor, Int) throws -> Tensor
  ) throws -> Tensor {
    func neighbours(_ place: Tensor) throws -> [(place: Tensor, weight: Tensor)] {
      let base = try unary(.floor, place)
      return try steps.map { step in
        let whole = try unary(.addScalar, base, Double(step))
        return (whole, try weight(unary(.abs, binary(.subtract, place, whole)), step))
      }
    }
    let columns = try neighbours(x)
    var sum: Tensor?
    for row in try neighbours(y) {
      for column in columns {
        let part = try binary(
          .multiply, tap(row.place, column.place), binary(.multiply, row.weight, column.weight))
        sum = try sum.map { try binary(.add, $0, part) } ?? part
      }
    }
    guard let sum else { throw invalid("no neighbours") }
    return sum
  }

  /// Keys' weights, as ``cubic(_:_:)`` has them, for a = -0.75.
  private func cubic(_ distance: Tensor, isNear: Bool) throws -> Tensor {
    let a = -0.75
    let coefficients = isNear ? [a + 2, -(a + 3), 0, 1] : [a, -5 * a, 8 * a, -4 * a]
    var result = try scalar(coefficients[0], distance.dtype)
    for coefficient in coefficients.dropFirst() {
      result = try unary(.addScalar, binary(.multiply, result, distance), coefficient)
    }
    return result
  }

  /// Each region's bins as means of samples (He et al., arXiv:1703.06870).
  fileprivate func regionsAligned() throws -> Tensor {
    let (x, regions) = (try tensor(0), try tensor(1))
    guard x.rank == 4, regions.rank == 2, regions.dimension(1) == 4, regions.dtype == x.dtype else {
      throw invalid("regions \(regions.spec) of \(x.spec)")
    }
    let samples = try int("sampling_ratio", default: 0)
    let size = try (int("output_height", default: 1), int("output_width", default: 1))
    guard try string("mode", default: "avg") == "avg", (1...64).contains(samples), (1...4096).contains(size.0),
      (1...4096).contains(size.1)
    else { throw unsupported("mode 'max', or as many samples as follow from each region's size") }
    let entries = try fromStart(cast(tensor(2), to: .int64), x.dimension(0))
    let image = try planes(apply(IndexSelectOperator(0), x, entries))
    let count = regions.dimension(0)
    let scale = try float("spatial_scale", default: 1)
    let isHalf =
      try string("coordinate_transformation_mode", default: version < 16 ? "output_half_pixel" : "half_pixel")
      == "half_pixel"
    func corner(_ index: Int) throws -> Tensor {
      let scaled = try unary(.multiplyScalar, sliced(regions, 1, from: index, count: 1), scale)
      return isHalf ? try unary(.addScalar, scaled, -0.5) : scaled
    }
    /// The sampled places along an axis, `[regions, bins · samples]`.
    func places(_ first: Int, _ bins: Int) throws -> Tensor {
      let start = try corner(first)
      var extent = try binary(.subtract, corner(first + 2), start)
      if !isHalf { extent = try binary(.maximum, extent, scalar(1, x.dtype)) }
      let steps = (0..<bins * samples).map { (Double($0) + 0.5) / Double(bins * samples) }
      let fractions = Tensor([steps.count], steps).converted(to: x.dtype)
      return try binary(.add, start, binary(.multiply, extent, fractions))
    }
    let (rows, columns) = (size.0 * samples, size.1 * samples)
    let grid = Shape([count, Dimension(rows), Dimension(columns)])
    let flat = [count, 1, Dimension(rows * columns)]
    let y = try reshaped(broadcast(reshaped(places(1, size.0), [count, Dimension(rows), 1]), to: grid), flat)
    let xs = try reshaped(broadcast(reshaped(places(0, size.1), [count, 1, Dimension(columns)]), to: grid), flat)
    func isOutside(_ place: Tensor, _ length: Double) throws -> Tensor {
      try binary(
        .logicalOr, binary(.less, place, scalar(-1, x.dtype)), binary(.greater, place, scalar(length, x.dtype)))
    }
    let clamped = (try unary(.hardTanh, y, 0, image.height - 1), try unary(.hardTanh, xs, 0, image.width - 1))
    let value = try blended(
      clamped.0, clamped.1, 0...1,
      { try picked(image, unary(.hardTanh, $0, 0, image.height - 1), unary(.hardTanh, $1, 0, image.width - 1)) },
      { distance, _ in try unary(.addScalar, unary(.negate, distance), 1) })
    let isLost = try binary(.logicalOr, isOutside(y, image.height), isOutside(xs, image.width))
    let kept = try chosen(isLost, scalar(0, x.dtype), value)
    let channels = x.dimension(1)
    let split = try reshaped(
      kept, [count, channels, Dimension(size.0), Dimension(samples), Dimension(size.1), Dimension(samples)])
    return try reduced(.mean, split, [3, 5], keepsAxes: false)
  }

  // MARK: Boxes

  /// Pairs of boxes that are compared at most: some seconds' work.
  private static let mostComparisons = 1 << 32

  /// The boxes of constants that stay when those that overlap a better one go: `[boxes, (batch, class, box)]`.
  fileprivate func suppressed() throws -> Tensor {
    let (boxes, scores) = (try tensor(0), try tensor(1))
    guard boxes.graphValue == nil, scores.graphValue == nil else {
      throw unsupported("the number of boxes that stay is known only when the graph runs")
    }
    guard boxes.rank == 3, scores.rank == 3, boxes.shape[2] == 4, boxes.shape[0] == scores.shape[0],
      boxes.shape[1] == scores.shape[2], boxes.dtype.isFloatingPoint, scores.dtype.isFloatingPoint
    else { throw invalid("boxes \(boxes.spec) and scores \(scores.spec)") }
    let most = has(2) ? try integer(2) : 0
    let (overlap, lowest) = (try has(3) ? number(3) : 0, try optional(4).map { _ in try number(4) })
    let isCentered = try bool("center_point_box")
    let corners = boxes.array(of: Float.self)
    let values = scores.array(of: Float.self)
    let (count, classes) = (boxes.shape[1], scores.shape[1])
    var kept: [Int64] = []
    var comparisons = 0
    for batch in 0..<boxes.shape[0] {
      let all = (0..<count).map { Box(corners[(batch * count + $0) * 4..<(batch * count + $0 + 1) * 4], isCentered) }
      for kind in 0..<classes {
        let row = values[(batch * classes + kind) * count..<(batch * classes + kind + 1) * count]
        let list = Array(row)
        // The best first; of equal ones the first.
        let order = list.indices.filter { lowest == nil || Double(list[$0]) > lowest! }
          .sorted { list[$0] == list[$1] ? $0 < $1 : list[$0] > list[$1] }
        var chosen: [Int] = []
        for index in order where chosen.count < most {
          comparisons += chosen.count
          if comparisons > ONNXNode.mostComparisons { throw unsupported("so many boxes that overlap so little") }
          if chosen.allSatisfy({ all[$0].overlap(all[index]) <= Float(overlap) }) { chosen.append(index) }
        }
        for index in chosen { kept += [Int64(batch), Int64(kind), Int64(index)] }
      }
    }
    return Tensor([kept.count / 3, 3], kept)
  }

  private struct Box {
    let low: (Float, Float)
    let high: (Float, Float)

    /// From two opposite corners, or from a centre and lengths.
    init(_ numbers: ArraySlice<Float>, _ isCentered: Bool) {
      let n = Array(numbers)
      if isCentered {
        low = (n[0] - n[2] / 2, n[1] - n[3] / 2)
        high = (n[0] + n[2] / 2, n[1] + n[3] / 2)
      } else {
        low = (min(n[0], n[2]), min(n[1], n[3]))
        high = (max(n[0], n[2]), max(n[1], n[3]))
      }
    }

    private var area: Float { (high.0 - low.0) * (high.1 - low.1) }

    /// The shared area over that of both.
    func overlap(_ other: Box) -> Float {
      let first = max(0, min(high.0, other.high.0) - max(low.0, other.low.0))
      let second = max(0, min(high.1, other.high.1) - max(low.1, other.low.1))
      let whole = area + other.area - first * second
      return whole > 0 ? first * second / whole : 0
    }
  }
}
