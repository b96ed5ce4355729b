import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Images brought to other sizes.
  static let resizing: [ONNXOperator] = [
    ONNXOperator(
      "Resize", 1...4,
      tensor: { node in
        // Version 10 has the scales as its second input, later ones a region before them.
        let place = node.version < 11 ? 1 : 2
        return try node.resized(scalesAt: place, sizesAt: node.version < 11 ? nil : 3, isUpsample: node.version < 11)
      }),
    ONNXOperator("Upsample", 1...2, tensor: { try $0.resized(scalesAt: 1, sizesAt: nil, isUpsample: true) }),
  ]
}

extension ONNXNode {
  fileprivate func resized(scalesAt scalesIndex: Int, sizesAt sizesIndex: Int?, isUpsample: Bool) throws -> Tensor {
    let x = try tensor(0)
    let named = try ints("axes", default: Array(0..<x.rank)).map { try axis($0, rank: x.rank) }
    var sizes = x.shape.dimensions
    var scales = Array(repeating: 1.0, count: x.rank)
    if let sizesIndex, has(sizesIndex), try tensor(sizesIndex).shape != [0] {
      let wanted = try shape(lengths(sizesIndex))
      guard wanted.rank == named.count else { throw invalid("\(wanted.rank) sizes for \(x.spec)") }
      for (place, axis) in named.enumerated() { sizes[axis] = wanted.dimension(place) }
      for axis in named {
        guard let new = sizes[axis].known, let old = x.dimension(axis).known, old > 0 else { continue }
        scales[axis] = Double(new) / Double(old)
      }
      try keepAspect(&sizes, &scales, named, x)
    } else {
      let given = try scaleList(scalesIndex)
      guard given.count == named.count, given.allSatisfy({ $0 > 0 && $0.isFinite && $0 < 1e9 }) else {
        throw invalid("scales \(given) for \(x.spec)")
      }
      for (place, axis) in named.enumerated() {
        scales[axis] = given[place]
        if given[place] == 1 { continue }
        if let length = x.dimension(axis).known {
          let size = (Double(length) * given[place]).rounded(.down)
          guard size < Double(GraphAssembler.largestElementCount) else { throw invalid("scales \(given)") }
          sizes[axis] = Dimension(Int(size))
        } else {
          guard given[place] == given[place].rounded() else {
            throw unsupported("scale \(given[place]) of an axis of unknown length")
          }
          sizes[axis] = x.dimension(axis) * Dimension(Int(given[place]))
        }
      }
    }
    return try resampled(x, sizes, scales, isUpsample: isUpsample)
  }

  private func scaleList(_ index: Int) throws -> [Double] {
    guard has(index) else { return try floats("scales") }
    let list = try tensor(index)
    guard list.graphValue == nil, list.rank == 1, list.dtype.isFloatingPoint else {
      throw unsupported("scales that are known only when the graph runs")
    }
    return list.array(of: Double.self)
  }

  private func keepAspect(_ sizes: inout [Dimension], _ scales: inout [Double], _ axes: [Int], _ x: Tensor) throws {
    let policy = try string("keep_aspect_ratio_policy", default: "stretch")
    if policy == "stretch" { return }
    guard policy == "not_larger" || policy == "not_smaller" else { throw invalid("policy '\(policy)'") }
    let ratios = axes.map { scales[$0] }
    guard let scale = policy == "not_larger" ? ratios.min() : ratios.max() else { return }
    for axis in axes {
      guard let length = x.dimension(axis).known else { throw unsupported("an aspect ratio of unknown lengths") }
      scales[axis] = scale
      let size = (Double(length) * scale).rounded()
      guard size < Double(GraphAssembler.largestElementCount) else { throw invalid("a length of \(size)") }
      sizes[axis] = Dimension(Int(size))
    }
  }

  /// By our operator where it has these coordinates, else axis by axis by products with weights computed here.
  private func resampled(_ x: Tensor, _ sizes: [Dimension], _ scales: [Double], isUpsample: Bool) throws -> Tensor {
    let mode = try string("mode", default: "nearest")
    let coordinates = try isUpsample ? "asymmetric" : string("coordinate_transformation_mode", default: "half_pixel")
    let rounding = try isUpsample ? "floor" : string("nearest_mode", default: "round_prefer_floor")
    let isPlain = try !bool("antialias") && !bool("exclude_outside")
    if isPlain && x.rank >= 3 && x.rank <= 5 && Array(sizes.prefix(2)) == Array(x.shape.dimensions.prefix(2)),
      let operation = ONNXNode.operation(mode, coordinates, rounding, sizes, scales)
    {
      return try inFloating(x) { try apply(operation, $0) }
    }
    return try inFloating(x) { x in
      var result = x
      for axis in 0..<x.rank where sizes[axis] != x.dimension(axis) || coordinates == "tf_crop_and_resize" {
        guard let length = x.dimension(axis).known, let size = sizes[axis].known, length > 0 else {
          throw unsupported("mode '\(mode)' with '\(coordinates)' along an axis of unknown length")
        }
        let places = try sourcePlaces(coordinates, length, size, scales[axis], axis, x.rank)
        if mode == "nearest" {
          guard places.allSatisfy({ !$0.isNaN }) else { throw invalid("a region that is no place") }
          let picked = places.map { Int64(ONNXNode.nearest($0, rounding, length)) }
          result = try apply(IndexSelectOperator(axis), result, Tensor([size], picked))
        } else {
          result = try blended(result, axis, places, length, min(scales[axis], 1), mode, coordinates)
        }
      }
      return result
    }
  }

  private static func operation(
    _ mode: String, _ coordinates: String, _ rounding: String, _ sizes: [Dimension], _ scales: [Double]
  ) -> ResizeOperator? {
    let places: [String: ResizeOperator.Coordinates] = [
      "half_pixel": .halfPixel, "align_corners": .alignCorners, "asymmetric": .asymmetric,
    ]
    let modes: [String: ResizeOperator.Mode] = [
      "round_prefer_floor": .nearestHalfDown, "round_prefer_ceil": .nearestHalfUp, "floor": .nearestFloor,
      "ceil": .nearestCeil,
    ]
    guard let place = places[coordinates], mode == "linear" || mode == "nearest" else { return nil }
    guard let how = mode == "linear" ? .linear : modes[rounding] else { return nil }
    return ResizeOperator(how, place, size: Array(sizes.dropFirst(2)), scales: scales.dropFirst(2).map { 1 / $0 })
  }

  /// Which place of the input each place of the output shows.
  private func sourcePlaces(
    _ coordinates: String, _ length: Int, _ size: Int, _ scale: Double, _ axis: Int, _ rank: Int
  ) throws -> [Double] {
    try assembler.takeBudget(size * 8)
    let (old, new) = (Double(length), Double(size))
    var region = (0.0, 1.0)
    if coordinates == "tf_crop_and_resize" {
      let ends = try tensor(1)
      guard ends.graphValue == nil, ends.shape == [2 * rank], ends.dtype.isFloatingPoint else {
        throw unsupported("a region \(ends.spec) that is not a constant")
      }
      let list = ends.array(of: Double.self)
      region = (list[axis], list[rank + axis])
    }
    return try (0..<size).map { index -> Double in
      let place = Double(index)
      switch coordinates {
      case "half_pixel": return (place + 0.5) / scale - 0.5
      case "half_pixel_symmetric":
        let adjustment = new / (scale * old)
        return old / 2 * (1 - adjustment) + (place + 0.5) / scale - 0.5
      case "pytorch_half_pixel": return size > 1 ? (place + 0.5) / scale - 0.5 : 0
      case "tf_half_pixel_for_nn": return (place + 0.5) / scale
      case "align_corners": return size > 1 ? place * (old - 1) / (new - 1) : 0
      case "asymmetric": return place / scale
      case "tf_crop_and_resize":
        if size > 1 { return region.0 * (old - 1) + place * (region.1 - region.0) * (old - 1) / (new - 1) }
        return 0.5 * (region.0 + region.1) * (old - 1)
      default: throw unsupported("coordinate_transformation_mode '\(coordinates)'")
      }
    }
  }

  private static func nearest(_ place: Double, _ rounding: String, _ length: Int) -> Int {
    let rounded: Double
    switch rounding {
    case "floor": rounded = place.rounded(.down)
    case "ceil": rounded = place.rounded(.up)
    case "round_prefer_ceil": rounded = (place + 0.5).rounded(.down)
    default: rounded = (place - 0.5).rounded(.up)
    }
    return Int(min(max(rounded, 0), Double(length - 1)))
  }

  /// An axis blended: the product with a matrix of weights `[size, length]`.
  private func blended(
    _ x: Tensor, _ axis: Int, _ places: [Double], _ length: Int, _ shrink: Double, _ mode: String, _ coordinates: String
  ) throws -> Tensor {
    let (count, overflow) = places.count.multipliedReportingOverflow(by: length)
    guard !overflow, count <= 1 << 28 else { throw unsupported("\(places.count) blends of \(length) elements") }
    try assembler.takeBudget(count * x.dtype.byteCount)
    let coefficient = try float("cubic_coeff_a", default: -0.75)
    let stretch = try bool("antialias") ? shrink : 1
    let excludes = try bool("exclude_outside")
    let outside = try float("extrapolation_value", default: 0)
    guard mode == "linear" || mode == "cubic" else { throw unsupported("mode '\(mode)'") }
    let reach = (mode == "linear" ? 1 : 2) / stretch
    func weight(_ distance: Double) -> Double {
      mode == "linear" ? max(0, 1 - distance) : ONNXNode.cubic(distance, coefficient)
    }
    var weights = [Double](repeating: 0, count: count)
    var added = [Double](repeating: 0, count: places.count)
    for (row, place) in places.enumerated() {
      if coordinates == "tf_crop_and_resize" && (place < 0 || place > Double(length - 1)) {
        added[row] = outside
        continue
      }
      guard place.magnitude < 1e12, reach < 1e6 else { throw invalid("a place of \(place)") }
      let (first, last) = (Int((place - reach).rounded(.down)), Int((place + reach).rounded(.up)))
      var total = 0.0
      for index in first...last {
        let isOutside = index < 0 || index >= length
        if isOutside && excludes { continue }
        let value = weight(abs(Double(index) - place) * stretch)
        if value == 0 { continue }
        // What lies outside is what lies at the edge.
        weights[row * length + min(max(index, 0), length - 1)] += value
        total += value
      }
      guard total != 0 else { continue }
      for index in 0..<length { weights[row * length + index] /= total }
    }
    let matrix = Tensor([places.count, length], weights).converted(to: x.dtype)
    var order = Array(0..<x.rank)
    order.remove(at: axis)
    order.append(axis)
    let last = try transposed(x, order)
    let result = try apply(
      MatmulOperator(), reshaped(last, [last.shape.product(0..<x.rank - 1), Dimension(length)]),
      transposed(matrix, [1, 0]))
    var product = try reshaped(result, last.shape.dimensions.dropLast() + [Dimension(places.count)])
    if added.contains(where: { $0 != 0 }) {
      product = try binary(.add, product, Tensor([added.count], added).converted(to: x.dtype))
    }
    var back = Array(0..<x.rank - 1)
    back.insert(x.rank - 1, at: axis)
    return try transposed(product, back)
  }

  /// Keys' cubic convolution (IEEE Transactions on Acoustics, Speech, and Signal Processing 29, 1981).
  static func cubic(_ distance: Double, _ a: Double) -> Double {
    let d = abs(distance)
    if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
  }
}
