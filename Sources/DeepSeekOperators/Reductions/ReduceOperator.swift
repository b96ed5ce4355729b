import CDeepSeekKernels
public import DeepSeekTensor

/// Some axes summed up in one value each; they keep length 1 (``Tensor`` methods drop them unless told to keep).
public struct ReduceOperator: Operator {
  /// The ways of summing up.
  public enum Function: String, Sendable, Hashable, CaseIterable, Codable {
    /// The sum; 0 of nothing.
    case sum
    /// The product; 1 of nothing.
    case product
    /// The mean, of floats; NaN of nothing.
    case mean
    /// The largest; NaN when one is. Needs at least one element.
    case max
    /// The smallest; NaN when one is. Needs at least one element.
    case min
    /// Whether any is non-zero.
    case any
    /// Whether all are non-zero.
    case all
    /// The sum of the squares.
    case sumSquares = "sum_squares"
    /// log Σ exp, without overflow.
    case logSumExp = "log_sum_exp"

    var kernel: ds_reduce_op {
      switch self {
      case .sum: DS_REDUCE_SUM
      case .product: DS_REDUCE_PRODUCT
      case .mean: DS_REDUCE_MEAN
      case .max: DS_REDUCE_MAX
      case .min: DS_REDUCE_MIN
      case .any: DS_REDUCE_ANY
      case .all: DS_REDUCE_ALL
      case .sumSquares: DS_REDUCE_SUM_SQUARES
      case .logSumExp: DS_REDUCE_LOGSUMEXP
      }
    }
  }

  /// How the axes are summed up.
  public let function: Function
  /// Which axes, in rising order.
  public let axes: [Int]

  /// Sums up `axes`, counted from the start, in rising order.
  public init(_ function: Function, _ axes: [Int]) {
    self.function = function
    self.axes = axes
  }

  /// The function's name with `reduce_` before it.
  public var name: String { "reduce_" + function.rawValue }

  /// A reduction.
  public var traits: OperatorTraits {
    switch function {
    case .any, .all: [.reduction, .memoryBound, .nonDifferentiable]
    case .max, .min: [.reduction, .memoryBound]
    case .sum, .product, .mean, .sumSquares, .logSumExp: [.reduction, .memoryBound, .fullPrecision]
    }
  }

  /// The axes with length 1. Integers and `bool` sum and multiply to `int64`.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    let input = inputs[0]
    try expectArithmetic(input)
    var shape = input.shape
    for axis in axes {
      guard (0..<shape.rank).contains(axis) else { throw mismatch("axis \(axis) is outside \(input.shape)") }
      if (function == .max || function == .min) && input.shape.dimension(axis) == 0 {
        throw mismatch("axis \(axis) of \(input.shape) is empty, and nothing has no \(function.rawValue)")
      }
      shape = shape.replacing(axis, with: 1)
    }
    switch function {
    case .any, .all: return [TensorSpec(.bool, shape)]
    case .mean, .logSumExp:
      try expectFloating(input)
      return [TensorSpec(input.dtype, shape)]
    case .sum, .product, .sumSquares: return [TensorSpec(input.dtype.isFloatingPoint ? input.dtype : .int64, shape)]
    case .max, .min: return [TensorSpec(input.dtype, shape)]
    }
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let mask = axes.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
    try check(withViews(inputs[0], outputs[0]) { ds_reduce(function.kernel, $0, mask, $1) }, self, inputs)
  }

  /// What each rule below reads.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    switch function {
    case .sum, .mean, .any, .all: Residuals()
    case .sumSquares: Residuals(inputs: [0])
    case .product, .max, .min, .logSumExp: Residuals(inputs: [0], outputs: [0])
    }
  }

  /// The gradient; where a maximum or minimum ties, the ties share it evenly.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let shape = context.inputSpec(0).shape
    let g = context.gradient
    switch function {
    case .sum: return [g.broadcast(to: shape)]
    case .mean:
      let scaled: Tensor
      if let count = axes.reduce(Dimension(1), { $0 * shape.dimension($1) }).known {
        scaled = g / Double(count)
      } else {
        scaled = g / g.stretched(1, to: shape).sum(axes: axes, keepAxes: true)
      }
      return [scaled.broadcast(to: shape)]
    case .sumSquares: return [g * 2 * context.input(0)]
    case .logSumExp: return [g * (context.input(0) - context.output(0)).exp()]
    case .max, .min:
      let ties = context.input(0).equal(to: context.output(0)).cast(to: g.dtype)
      return [g / ties.sum(axes: axes, keepAxes: true) * ties]
    case .product: return [productGradient(context.input(0), context.output(0), g)]
    case .any, .all: return [nil]
    }
  }

  /// The product of all others: by division where nothing is zero, by leaving one out where something is.
  private func productGradient(_ x: Tensor, _ product: Tensor, _ g: Tensor) -> Tensor {
    let isZero = x.equal(to: 0)
    let zeroCount = isZero.cast(to: x.dtype).sum(axes: axes, keepAxes: true)
    let one = Tensor.ones([], dtype: x.dtype)
    let safe = Tensor.select(isZero, one, x)
    let others = safe.product(axes: axes, keepAxes: true)
    let zero = Tensor.zeros([], dtype: x.dtype)
    let noZeros = Tensor.select(zeroCount.equal(to: 0), others / safe, zero)
    let oneZero = Tensor.select(zeroCount.equal(to: 1).logicalAnd(isZero), others, zero)
    return g * (noZeros + oneZero)
  }
}

extension Tensor {
  private func reduced(
    _ function: ReduceOperator.Function, _ axes: [Int]?, _ keepAxes: Bool, file: StaticString, line: UInt
  ) -> Tensor {
    let positions = (axes.map { $0.map { shape.index(of: $0) } } ?? Array(0..<rank)).sorted()
    if Set(positions).count != positions.count {
      fatalError("reduce_\(function.rawValue): an axis is named twice in \(axes ?? [])", file: file, line: line)
    }
    let result = apply(ReduceOperator(function, positions), self, file: file, line: line)
    return keepAxes ? result : result.droppingAxes(positions)
  }

  func droppingAxes(_ positions: [Int]) -> Tensor {
    positions.isEmpty
      ? self : reshaped(Shape((0..<rank).filter { !positions.contains($0) }.map { shape.dimension($0) }))
  }

  private static func floating(_ tensor: Tensor) -> Tensor {
    tensor.dtype.isFloatingPoint ? tensor : tensor.cast(to: .float64)
  }

  /// The sum over some axes, all when none are given. Integers sum to `int64`.
  public func sum(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.sum, axes, keepAxes, file: file, line: line)
  }

  /// The sum over some axes, all when none are given. Integers sum to `int64`.
  public func sum(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.sum, [axis], keepAxes, file: file, line: line)
  }

  /// The product over some axes. Integers multiply to `int64`.
  public func product(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.product, axes, keepAxes, file: file, line: line)
  }

  /// The product over some axes. Integers multiply to `int64`.
  public func product(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.product, [axis], keepAxes, file: file, line: line)
  }

  /// The mean over some axes; integers become `float64` first.
  public func mean(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    Tensor.floating(self).reduced(.mean, axes, keepAxes, file: file, line: line)
  }

  /// The mean over some axes; integers become `float64` first.
  public func mean(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    Tensor.floating(self).reduced(.mean, [axis], keepAxes, file: file, line: line)
  }

  /// The largest over some axes; NaN when one is.
  public func max(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.max, axes, keepAxes, file: file, line: line)
  }

  /// The largest over some axes; NaN when one is.
  public func max(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.max, [axis], keepAxes, file: file, line: line)
  }

  /// The smallest over some axes; NaN when one is.
  public func min(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.min, axes, keepAxes, file: file, line: line)
  }

  /// The smallest over some axes; NaN when one is.
  public func min(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.min, [axis], keepAxes, file: file, line: line)
  }

  /// Whether any element is non-zero, over some axes.
  public func any(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.any, axes, keepAxes, file: file, line: line)
  }

  /// Whether any element is non-zero, over some axes.
  public func any(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.any, [axis], keepAxes, file: file, line: line)
  }

  /// Whether all elements are non-zero, over some axes.
  public func all(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.all, axes, keepAxes, file: file, line: line)
  }

  /// Whether all elements are non-zero, over some axes.
  public func all(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.all, [axis], keepAxes, file: file, line: line)
  }

  /// The sum of the squares over some axes.
  public func sumSquares(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.sumSquares, axes, keepAxes, file: file, line: line)
  }

  /// The sum of the squares over some axes.
  public func sumSquares(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    reduced(.sumSquares, [axis], keepAxes, file: file, line: line)
  }

  /// log Σ exp over some axes, without overflow.
  public func logSumExp(
    axes: [Int]? = nil, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    Tensor.floating(self).reduced(.logSumExp, axes, keepAxes, file: file, line: line)
  }

  /// log Σ exp over some axes, without overflow.
  public func logSumExp(
    axis: Int, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    Tensor.floating(self).reduced(.logSumExp, [axis], keepAxes, file: file, line: line)
  }

  /// Summed over the axes that broadcasting stretched, so that the result has this shape.
  public func sum(to target: Shape) -> Tensor {
    if shape == target { return self }
    let added = rank - target.rank
    let axes = (0..<rank).filter { axis in
      axis < added || (target.dimension(axis - added) == 1 && shape.dimension(axis) != 1)
    }
    return sum(axes: axes, keepAxes: true).reshaped(target)
  }
}
