import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Axes summed up.
  static let reductions: [ONNXOperator] = [
    reduction("ReduceSum", .sum), reduction("ReduceProd", .product), reduction("ReduceMax", .max),
    reduction("ReduceMin", .min), reduction("ReduceSumSquare", .sumSquares),
    reduction("ReduceMean", .mean, needsFloats: true), reduction("ReduceLogSumExp", .logSumExp, needsFloats: true),
    reduction("ReduceL1", .sum, before: { try $0.unary(.abs, $1) }),
    reduction("ReduceL2", .sumSquares, needsFloats: true, after: { try $0.unary(.sqrt, $1) }),
    reduction("ReduceLogSum", .sum, needsFloats: true, after: { try $0.unary(.log, $1) }),
    place("ArgMax", .argmax), place("ArgMin", .argmin),
    ONNXOperator(
      "CumSum", 2...2,
      tensor: { node in
        let x = try node.tensor(0)
        let axis = try node.axis(input: 1, rank: x.rank)
        return try node.inArithmetic(x) {
          try node.cumulative(
            .sum, $0, axis, isReversed: node.bool("reverse"), isExclusive: node.bool("exclusive"))
        }
      }),
    ONNXOperator(
      "TopK", 1...2,
      values: { node in
        let x = try node.tensor(0)
        let count = node.has(1) ? try node.integer(1) : try node.int("k")
        let axis = try node.axis(node.int("axis", default: -1), rank: x.rank)
        guard count >= 0 else { throw node.invalid("k \(count)") }
        let operation = TopKOperator(count, axis, isLargest: try node.bool("largest", default: true))
        let wide = x.dtype.isArithmetic ? x : try node.cast(x, to: .int64)
        let outputs = try node.assembler.apply(operation, [wide])
        return [ImportedValue(try node.cast(outputs[0], to: x.dtype)), ImportedValue(outputs[1])]
      }),
  ]

  private static func reduction(
    _ name: String, _ function: ReduceOperator.Function, needsFloats: Bool = false,
    before: (@Sendable (ONNXNode, Tensor) throws -> Tensor)? = nil,
    after: (@Sendable (ONNXNode, Tensor) throws -> Tensor)? = nil
  ) -> ONNXOperator {
    ONNXOperator(
      name, 1...2,
      tensor: { node in
        let x = try node.tensor(0)
        let given = try node.integers(input: 1, orAttribute: "axes") ?? []
        if try given.isEmpty && node.bool("noop_with_empty_axes") { return x }
        let axes = try Set(given.map { try node.axis($0, rank: x.rank) }).sorted()
        let all = axes.isEmpty ? Array(0..<x.rank) : axes
        let keeps = try node.bool("keepdims", default: true)
        let reduce = { (x: Tensor) throws -> Tensor in
          let source = try before?(node, x) ?? x
          let result = try node.reduced(function, source, all, keepsAxes: keeps)
          return try after?(node, result) ?? result
        }
        return needsFloats ? try node.inFloating(x, reduce) : try node.inArithmetic(x, reduce)
      })
  }

  private static func place(_ name: String, _ function: ArgReduceOperator.Function) -> ONNXOperator {
    ONNXOperator(
      name, 1...1,
      tensor: { node in
        let given = try node.tensor(0)
        let axis = try node.axis(node.int("axis", default: 0), rank: given.rank)
        var x = given.dtype.isArithmetic ? given : try node.cast(given, to: .int64)
        let takesLast = try node.bool("select_last_index")
        if takesLast { x = try node.flipped(x, [axis]) }
        var place = try node.apply(ArgReduceOperator(function, axis), x)
        if takesLast {
          guard let length = x.dimension(axis).known else { throw node.unsupported("an axis of unknown length") }
          place = try node.unary(.addScalar, node.unary(.negate, place), Double(length - 1))
        }
        let kept = x.shape.replacing(axis, with: 1).dimensions
        return try node.reshaped(
          place, node.bool("keepdims", default: true) ? kept : x.shape.removing(axis).dimensions)
      })
  }
}
