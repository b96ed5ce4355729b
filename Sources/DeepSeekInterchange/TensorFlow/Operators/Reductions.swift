import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Axes summed up.
  static let reductions: [TensorFlowOperator] = [
    reduction("Sum", .sum), reduction("Prod", .product), reduction("Max", .max), reduction("Min", .min),
    reduction("Mean", .mean), reduction("All", .all), reduction("Any", .any), reduction("EuclideanNorm", .sumSquares),
    place("ArgMax", .argmax), place("ArgMin", .argmin),
    cumulative("Cumsum", .sum), cumulative("Cumprod", .product),
    TensorFlowOperator("TopKV2", 2...2) { node in
      let x = try node.tensor(0)
      guard x.rank >= 1 else { throw node.invalid("a scalar has no last axis") }
      let outputs = try node.assembler.apply(TopKOperator(try node.integer(1), x.rank - 1), [x])
      return [ImportedValue(outputs[0]), ImportedValue(try node.cast(outputs[1], to: .int32))]
    },
  ]

  private static func reduction(_ name: String, _ function: ReduceOperator.Function) -> TensorFlowOperator {
    TensorFlowOperator(name, 2) { node in
      let x = try node.tensor(0)
      var axes = Set<Int>()
      for axis in try node.integers(1) { axes.insert(try node.axis(axis, rank: x.rank)) }
      if function == .mean && !x.dtype.isFloatingPoint { throw node.unsupported("the mean of \(x.dtype)") }
      let keeps = try node.bool("keep_dims", default: node.bool("keepdims"))
      let result = try node.reduced(function, x, axes.sorted(), keepsAxes: keeps)
      return name == "EuclideanNorm" ? try node.unary(.sqrt, result) : result
    }
  }

  private static func place(_ name: String, _ function: ArgReduceOperator.Function) -> TensorFlowOperator {
    TensorFlowOperator(name, 2) { node in
      let x = try node.tensor(0)
      let axis = try node.axis(input: 1, rank: x.rank)
      let place = try node.apply(ArgReduceOperator(function, axis), x)
      let flat = try node.reshaped(place, x.shape.removing(axis).dimensions)
      return try node.cast(flat, to: node.dtype("output_type", default: .int64))
    }
  }

  private static func cumulative(_ name: String, _ function: CumulativeOperator.Function) -> TensorFlowOperator {
    TensorFlowOperator(name, 2) { node in
      let x = try node.tensor(0)
      let axis = try node.axis(input: 1, rank: x.rank)
      let isReversed = try node.bool("reverse")
      var running = isReversed ? try node.flipped(x, [axis]) : x
      if try node.bool("exclusive") {
        guard let length = x.dimension(axis).known else {
          throw node.unsupported("an exclusive running \(function.rawValue) along an axis of unknown length")
        }
        if length > 0 {
          let first = try node.broadcast(
            node.scalar(function == .sum ? 0 : 1, x.dtype), to: x.shape.replacing(axis, with: 1))
          let others = try node.sliced(running, axis, from: 0, count: length - 1)
          running = try node.apply(ConcatenateOperator(axis), first, others)
        }
      }
      running = try node.cast(node.apply(CumulativeOperator(function, axis), running), to: x.dtype)
      return isReversed ? try node.flipped(running, [axis]) : running
    }
  }
}

extension TensorFlowNode {
  /// Axes, in rising order, summed up; integers keep their type, as TensorFlow has it.
  func reduced(_ function: ReduceOperator.Function, _ x: Tensor, _ axes: [Int], keepsAxes: Bool) throws -> Tensor {
    if axes.isEmpty && (function == .sum || function == .max || function == .min || function == .mean) { return x }
    let whole = try apply(ReduceOperator(function, axes), x)
    let result = function == .any || function == .all ? whole : try cast(whole, to: x.dtype)
    if keepsAxes { return result }
    return try reshaped(result, (0..<x.rank).filter { !axes.contains($0) }.map { x.dimension($0) })
  }

  /// The order along some axes reversed.
  func flipped(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
    let extents = try axes.compactMap { axis -> SliceOperator.Extent? in
      guard let length = x.dimension(axis).known else { throw unsupported("reversing an axis of unknown length") }
      return length < 2 ? nil : SliceOperator.Extent(axis: axis, start: length - 1, count: length, step: -1)
    }
    return extents.isEmpty ? x : try apply(SliceOperator(extents), x)
  }
}
