import CDeepSeekKernels
public import DeepSeekTensor

/// The mean squared distance to the mean over some axes, which keep length 1.
public struct VarianceOperator: Operator {
  /// Which axes, in rising order.
  public let axes: [Int]
  /// What is taken from the number of elements before dividing: 1 estimates from a sample, 0 takes the elements as all.
  public let correction: Double

  /// Over `axes`, counted from the start, in rising order.
  public init(_ axes: [Int], correction: Double) {
    self.axes = axes
    self.correction = correction
  }

  /// `variance`.
  public var name: String { "variance" }
  /// A reduction.
  public var traits: OperatorTraits { [.reduction, .memoryBound, .fullPrecision] }

  /// The axes with length 1.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expectFloating(inputs[0])
    return try ReduceOperator(.mean, axes).infer(inputs)
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let mask = axes.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
    try check(withViews(inputs[0], outputs[0]) { ds_variance($0, mask, correction, $1) }, self, inputs)
  }

  /// The input.
  public func residuals(wanting gradients: IndexSet64) -> Residuals { Residuals(inputs: [0]) }

  /// Twice the distance to the mean, divided by the corrected count.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let (x, g) = (context.input(0), context.gradient)
    let count = x.stretched(1, to: x.shape).sum(axes: axes, keepAxes: true)
    let centered = x - x.mean(axes: axes, keepAxes: true)
    return [g * 2 * centered / (count - correction)]
  }

  /// The mean of the squares of what the mean leaves.
  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let x = inputs[0]
    let count = x.stretched(1, to: x.shape).sum(axes: axes, keepAxes: true)
    return [(x - x.mean(axes: axes, keepAxes: true)).sumSquares(axes: axes, keepAxes: true) / (count - correction)]
  }
}

extension Tensor {
  /// The variance over some axes, all when none are given, with `correction` taken from the count (1 for a sample's, 0 for
  /// the whole population's). Integers become `float64` first.
  public func variance(
    axes: [Int]? = nil, correction: Double = 1, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let x = dtype.isFloatingPoint ? self : cast(to: .float64)
    let positions = (axes.map { $0.map { shape.index(of: $0) } } ?? Array(0..<rank)).sorted()
    let result = apply(VarianceOperator(positions, correction: correction), x, file: file, line: line)
    return keepAxes ? result : result.droppingAxes(positions)
  }

  /// The square root of ``variance(axes:correction:keepAxes:file:line:)``.
  public func standardDeviation(
    axes: [Int]? = nil, correction: Double = 1, keepAxes: Bool = false, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    variance(axes: axes, correction: correction, keepAxes: keepAxes, file: file, line: line).sqrt()
  }
}
