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
      return try node.cumulative(
        function, x, axis, isReversed: node.bool("reverse"), isExclusive: node.bool("exclusive"))
    }
  }
}
