import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Sums, extrema and running ones.
  static let reductions: [(ObjectIdentifier, Rule)] = [
    entry(ReduceOperator.self) { operation, inputs, _ in reduce(operation, inputs[0]).map { [$0] } },
    entry(CumulativeOperator.self) { operation, inputs, _ in cumulative(operation, inputs[0]).map { [$0] } },
    entry(ArgReduceOperator.self) { operation, inputs, _ in
      inputs[0].dtype == .bool ? [apply(operation, inputs[0].cast(to: .int64))] : nil
    },
  ]

  private static func reduce(_ operation: ReduceOperator, _ x: Tensor) -> Tensor? {
    let (function, axes) = (operation.function, operation.axes)
    func again(_ x: Tensor) -> Tensor { apply(operation, x) }
    let isWhole = !x.dtype.isFloatingPoint
    switch function {
    case .any, .all:
      if x.dtype != .bool { return again(x.notEqual(to: Tensor.zeros([], dtype: x.dtype))) }
      return axes.isEmpty ? x : nil
    case .sum, .product:
      if isWhole && x.dtype != .int64 { return again(x.cast(to: .int64)) }
      return axes.isEmpty ? x : nil
    case .sumSquares:
      let wide = isWhole ? x.cast(to: .int64) : x
      return apply(ReduceOperator(.sum, axes), wide * wide)
    case .max, .min:
      if x.dtype == .bool { return again(x.cast(to: .int64)).cast(to: .bool) }
      return axes.isEmpty ? x : nil
    case .mean: return axes.isEmpty ? x : nil
    case .logSumExp:
      if axes.isEmpty { return x }
      // Shifted by the maximum; where that is infinite, by nothing.
      let most = x.max(axes: axes, keepAxes: true)
      let zero = Tensor.zeros([], dtype: x.dtype)
      let shift = Tensor.select(most.abs().less(than: .infinity), most, zero)
      return apply(ReduceOperator(.sum, axes), (x - shift).exp()).log() + shift
    }
  }

  /// The least number, or one that is as low as any of 32 bits.
  private static func least(_ dtype: DType) -> Int { dtype == .int64 ? .min : -(1 << 31) }

  private static func cumulative(_ operation: CumulativeOperator, _ x: Tensor) -> Tensor? {
    switch operation.function {
    case .sum, .product:
      let isNarrow = !x.dtype.isFloatingPoint && x.dtype != .int64
      return isNarrow ? apply(operation, x.cast(to: .int64)) : nil
    case .max, .min:
      if x.dtype == .bool { return apply(operation, x.cast(to: .int64)).cast(to: .bool) }
      // Every place sees the places up to it, and the extremum of those is taken.
      let (axis, length) = (operation.axis, x.shape[operation.axis])
      let last = x.swappedAxes(axis, -1)
      let lowest: Tensor =
        if x.dtype.isFloatingPoint {
          Tensor.full([], operation.function == .max ? -Double.infinity : .infinity, dtype: x.dtype)
        } else {
          Tensor.full([], operation.function == .max ? least(x.dtype) : ~least(x.dtype), dtype: x.dtype)
        }
      let isBefore = Tensor.full([length, length], 1, dtype: .bool).tril()
      let seen = Tensor.select(isBefore, last.expanded(-2), lowest)
      let reduced = operation.function == .max ? seen.max(axis: -1) : seen.min(axis: -1)
      return reduced.swappedAxes(axis, -1)
    }
  }
}
