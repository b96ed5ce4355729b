public import DeepSeekTensor

extension Tensor {
  /// How often each whole number from 0 up to the largest occurs: `int64` `[largest + 1]`, at least `minimumLength` long.
  /// With weights, of this tensor's shape, their sums in the weights' type. Traps for a negative number.
  public func binCount(
    weights: Tensor? = nil, minimumLength: Int = 0, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    let numbers = cast(to: .int64).flattened()
    var length = minimumLength
    if elementCount > 0 {
      let lowest = numbers.min().item(as: Int.self)
      if lowest < 0 || dtype.isFloatingPoint {
        fatalError(
          "bin_count: a \(spec) whose smallest element is \(lowest); whole numbers from 0 are expected", file: file,
          line: line)
      }
      length = Swift.max(length, numbers.max().item(as: Int.self) + 1)
    }
    let sources = weights?.flattened() ?? Tensor.ones([elementCount], dtype: .int64)
    return Tensor.zeros([length], dtype: sources.dtype)
      .scatter(axis: 0, numbers, sources, mode: .add, file: file, line: line)
  }

  /// How many elements lie in each of `bins` parts of equal width of `range`, from the smallest to the largest element when
  /// it is `nil`: `int64` `[bins]`, and the parts' ends `[bins + 1]`. What lies outside, or is NaN, is not counted; the last
  /// part has its upper end in it.
  public func histogram(
    bins: Int, range: ClosedRange<Double>? = nil, file: StaticString = #file, line: UInt = #line
  ) -> (counts: Tensor, edges: Tensor) {
    if bins < 1 { fatalError("histogram: \(bins) bins", file: file, line: line) }
    let all = cast(to: .float64).flattened()
    let x = all.maskedSelect(all.isFinite())
    var (low, high) = (range?.lowerBound ?? 0, range?.upperBound ?? 1)
    if range == nil && x.elementCount > 0 { (low, high) = (x.min().item(), x.max().item()) }
    if low == high { (low, high) = (low - 0.5, high + 0.5) }
    let edges = Tensor.linspace(low, high, count: bins + 1, dtype: .float64)
    let inside = x.maskedSelect(x.greaterOrEqual(to: low).logicalAnd(x.lessOrEqual(to: high)))
    let places = (edges.searchSorted(inside, right: true) - 1).minimum(Double(bins - 1))
    return (places.binCount(minimumLength: bins), edges)
  }
}
