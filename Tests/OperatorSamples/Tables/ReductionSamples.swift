import DeepSeekOperators
import DeepSeekTensor

/// Sums and the like over axes, and running ones along an axis.
func addReductionSamples(to table: inout SampleTable) {
  table.row("reduce_sum", [.plain(3, 4, 2)], torch: "a.sum()") { $0[0].sum() }
  table.row("reduce_sum/axis 0", [.plain(3, 4)], torch: "a.sum(0)") { $0[0].sum(axis: 0) }
  table.row("reduce_sum/axes", [.plain(3, 4, 2)], torch: "a.sum((0, 2))") { $0[0].sum(axes: [0, 2]) }
  table.row("reduce_sum/kept", [.plain(3, 4, 2)], torch: "a.sum(-1, keepdim=True)") {
    $0[0].sum(axis: -1, keepAxes: true)
  }
  table.row("reduce_sum/empty", [.plain(3, 0)], torch: "a.sum(1)") { $0[0].sum(axis: 1) }
  table.row("reduce_product", [.positive(3, 4)], torch: "a.prod(1)") { $0[0].product(axis: 1) }
  let zeros = SampleInput([3, 3], .fixed([2, 0, 3, 0, 0, 5, 1, 2, 3]))
  table.row("reduce_product/zeros", [zeros], torch: "a.prod(1)", derivatives: 1) { $0[0].product(axis: 1) }
  table.row("reduce_product/empty", [.plain(0, 2)], torch: "a.prod(0)", derivatives: 0) { $0[0].product(axis: 0) }
  table.row("reduce_mean", [.plain(3, 4, 2)], torch: "a.mean((0, 2))") { $0[0].mean(axes: [0, 2]) }
  table.row("reduce_max", [.distinct(3, 4, 2)], torch: "a.amax((0, 2))") { $0[0].max(axes: [0, 2]) }
  table.row("reduce_min", [.distinct(3, 4, 2)], torch: "a.amin(1)") { $0[0].min(axis: 1) }
  let ties = SampleInput([2, 4], .fixed([1, 3, 3, 2, 5, 5, 5, 1]))
  table.row("reduce_max/ties", [ties], torch: "a.amax(1)", derivatives: 0) { $0[0].max(axis: 1) }
  let nan = SampleInput([2, 3], .fixed([1, .nan, 2, 3, 4, 5]), isDifferentiable: false)
  table.row("reduce_max/nan", [nan], torch: "a.amax(1)") { $0[0].max(axis: 1) }
  table.row("reduce_any", [.integers(0..<2, 4, 3)], torch: "a.bool().any(1)") { $0[0].any(axis: 1) }
  table.row("reduce_all", [.integers(0..<3, 4, 3)], torch: "a.bool().all(1)") { $0[0].all(axis: 1) }
  table.row("reduce_any/empty", [.mask(0)], torch: "a.any()") { $0[0].any() }
  table.row("reduce_all/empty", [.mask(0)], torch: "a.all()") { $0[0].all() }
  table.row("reduce_sum_squares", [.plain(3, 4)], torch: "a.square().sum(0)") { $0[0].sumSquares(axis: 0) }
  table.row("reduce_log_sum_exp", [.plain(3, 4)], torch: "a.logsumexp(1)") { $0[0].logSumExp(axis: 1) }
  let large = SampleInput([3], .fixed([1000, 1001, 999]), isDifferentiable: false)
  table.row("reduce_log_sum_exp/large", [large], torch: "a.logsumexp(0)", dtypes: [.float64, .float32]) {
    $0[0].logSumExp(axis: 0)
  }
  for dtype in [DType.int8, .uint8, .int16, .int32, .int64] {
    let x = SampleInput([3, 50], .integers(0..<100), dtype: dtype)
    table.row("reduce_sum/\(dtype)", [x], torch: "a.sum(1)") { $0[0].sum(axis: 1) }
    table.row("reduce_max/\(dtype)", [x], torch: "a.amax(1)") { $0[0].max(axis: 1) }
    table.row("reduce_min/\(dtype)", [x], torch: "a.amin(1)") { $0[0].min(axis: 1) }
  }
  table.row("reduce_sum/bool", [.mask(3, 9)], torch: "a.sum(1)") { $0[0].sum(axis: 1) }
  table.row("variance", [.plain(3, 4)], torch: "a.var(1)") { $0[0].variance(axes: [1]) }
  table.row("variance/population", [.plain(3, 4)], torch: "a.var(correction=0)") { $0[0].variance(correction: 0) }
  table.row("standard_deviation", [.plain(3, 4)], torch: "a.std(1)", tolerance: 4) {
    $0[0].standardDeviation(axes: [1])
  }
  addPlaceSamples(to: &table)
  addCumulativeSamples(to: &table)
}

private func addPlaceSamples(to table: inout SampleTable) {
  let x = SampleInput([3, 7], .distinct, isDifferentiable: false)
  table.row("argmax", [x], torch: "a.argmax(1)") { $0[0].argmax(axis: 1) }
  table.row("argmin", [x], torch: "a.argmin(0)") { $0[0].argmin(axis: 0) }
  table.row("argmax/flat", [x], torch: "a.argmax()") { $0[0].argmax() }
  table.row("argmax/int32", [.integers(0..<3, 4, 9, dtype: .int32)], torch: "torch.from_numpy(a.numpy().argmax(1))") {
    $0[0].argmax(axis: 1)
  }
  let nan = SampleInput([1, 4], .fixed([1, .nan, 9, .nan]), isDifferentiable: false)
  table.row("argmax/nan", [nan], torch: "torch.from_numpy(a.numpy().argmax(1))") { $0[0].argmax(axis: 1) }
}

private func addCumulativeSamples(to table: inout SampleTable) {
  table.row("cumulative_sum", [.plain(3, 4, 2)], torch: "a.cumsum(1)") { $0[0].cumulativeSum(axis: 1) }
  table.row("cumulative_product", [.positive(3, 4)], torch: "a.cumprod(1)", tolerance: 2) {
    $0[0].cumulativeProduct(axis: 1)
  }
  let zeros = SampleInput([2, 4], .fixed([2, 0, 3, 1, 0, 5, 0, 2]))
  table.row("cumulative_product/zeros", [zeros], torch: "a.cumprod(1)", derivatives: 1) {
    $0[0].cumulativeProduct(axis: 1)
  }
  table.row("cumulative_max", [.distinct(3, 5)], torch: "a.cummax(1).values") { $0[0].cumulativeMax(axis: 1) }
  table.row("cumulative_min", [.distinct(3, 5)], torch: "a.cummin(0).values") { $0[0].cumulativeMin(axis: 0) }
  table.row("cumulative_sum/int32", [.integers(-9..<9, 9, dtype: .int32)], torch: "a.cumsum(0)") {
    $0[0].cumulativeSum(axis: 0)
  }
  table.row("cumulative_sum/empty", [.plain(0, 2)], torch: "a.cumsum(0)") { $0[0].cumulativeSum(axis: 0) }
}
