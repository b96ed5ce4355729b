import DeepSeekOperators
import DeepSeekTensor

/// Reading and writing by index.
func addIndexingSamples(to table: inout SampleTable) {
  table.row("embedding", [.plain(7, 3), .integers(0..<7, 2, 4)], torch: "F.embedding(b, a)") {
    Tensor.embedding($0[0], $0[1])
  }
  table.row(
    "embedding/padding", [.plain(5, 3), .integers(0..<5, 9, dtype: .int32)],
    torch: "F.embedding(b, a, padding_idx=2)", hasTrueGradient: false
  ) { Tensor.embedding($0[0], $0[1], paddingIndex: 2) }
  table.row("gather", [.plain(4, 5), .integers(0..<4, 3, 5)], torch: "a.gather(0, b)") { $0[0].gather(axis: 0, $0[1]) }
  table.row("gather/last axis", [.plain(2, 3, 5), .integers(0..<5, 2, 3, 2)], torch: "a.gather(2, b)") {
    $0[0].gather(axis: -1, $0[1])
  }
  let places = SampleInput([3, 2], .fixed([0, 3, 2, 0, 4, 1]), dtype: .int64)
  table.row("scatter", [.plain(3, 5), places, .plain(3, 2)], torch: "a.scatter(1, b, c)") {
    $0[0].scatter(axis: 1, $0[1], $0[2])
  }
  table.row("scatter_add", [.plain(3, 5), .integers(0..<5, 3, 4), .plain(3, 4)], torch: "a.scatter_add(1, b, c)") {
    $0[0].scatter(axis: 1, $0[1], $0[2], mode: .add)
  }
  addScatterReductions(to: &table)
  addSelectionSamples(to: &table)
  addMaskSamples(to: &table)
  addPaddingSamples(to: &table)
  addDiagonalSamples(to: &table)
  addSortingSamples(to: &table)
}

/// Eighths around zero, none of them whole, in an order of their own.
private func distinctNumbers(_ count: Int, step: Int) -> [Double] {
  (0..<count).map { place -> Double in
    let eighths = place * step % count - count / 2
    return Double(eighths) / 8 + 0.0625
  }
}

private func addScatterReductions(to table: inout SampleTable) {
  let index = SampleInput.integers(0..<5, 3, 4)
  table.row("scatter_multiply", [.plain(3, 5), index, .plain(3, 4)], torch: "a.scatter_reduce(1, b, c, 'prod')") {
    $0[0].scatter(axis: 1, $0[1], $0[2], mode: .multiply)
  }
  // At a place no zero, one in the input, one in the source, two.
  let zeros = SampleInput([4], .fixed([0.5, 0, 2, 0]))
  let places = SampleInput([5], .fixed([0, 1, 2, 3, 0]), dtype: .int64)
  table.row(
    "scatter_multiply/zeros", [zeros, places, SampleInput([5], .fixed([3, 1.5, 0, 0, -1]))],
    torch: "a.scatter_reduce(0, b, c, 'prod')", derivatives: 1
  ) { $0[0].scatter(axis: 0, $0[1], $0[2], mode: .multiply) }
  // No two numbers are alike: where several tie, differences tell no slope.
  let (input, source) = (distinctNumbers(15, step: 7), distinctNumbers(12, step: 5).map { $0 + 0.03125 })
  let (there, brought) = (SampleInput([3, 5], .fixed(input)), SampleInput([3, 4], .fixed(source)))
  let (some, others) = (SampleInput([3], .fixed([1, 2, 3])), SampleInput([5], .fixed([1, 2, 5, 2, 1])))
  let kept = SampleInput([5], .fixed([0, 1, 2, 1, 0]), dtype: .int64)
  for (mode, name) in [(ScatterOperator.Mode.max, "amax"), (.min, "amin")] {
    table.row("scatter_\(mode)", [there, index, brought], torch: "a.scatter_reduce(1, b, c, '\(name)')") {
      $0[0].scatter(axis: 1, $0[1], $0[2], mode: mode)
    }
    table.row(
      "scatter_\(mode)/ties", [some, kept, others], torch: "a.scatter_reduce(0, b, c, '\(name)')", derivatives: 1,
      hasTrueGradient: false
    ) { $0[0].scatter(axis: 0, $0[1], $0[2], mode: mode) }
  }
  let pairs = SampleInput([4, 2], .fixed([0, 1, 2, 3, 1, 0, 0, 1]), dtype: .int64)
  for mode in [ScatterOperator.Mode.multiply, .max, .min] {
    let sources = SampleInput([4, 2], .fixed([1.5, -3.25, 2.75, -0.75, -2.25, 3.5, 0.75, -4.5]))
    table.row("scatter_nd/\(mode)", [.distinct(3, 4, 2), pairs, sources]) { $0[0].scatterND($0[1], $0[2], mode: mode) }
  }
}

private func addSelectionSamples(to table: inout SampleTable) {
  let index = SampleInput([4], .fixed([2, 0, 2, 1]), dtype: .int64)
  table.row("index_select", [.plain(2, 3, 4), index], torch: "a.index_select(1, b)") {
    $0[0].indexSelect(axis: 1, $0[1])
  }
  table.row("index_add", [.plain(2, 3), index, .plain(2, 4)], torch: "a.index_add(1, b, c)") {
    $0[0].indexAdd(axis: 1, $0[1], $0[2])
  }
  table.row(
    "index_add/int32", [.integers(0..<9, 3, dtype: .int32), index, .integers(0..<9, 4, dtype: .int32)],
    torch: "a.index_add(0, b, c)"
  ) { $0[0].indexAdd(axis: 0, $0[1], $0[2]) }
  table.row("take", [.plain(3, 4), .integers(0..<12, 2, 5)], torch: "a.take(b)") { $0[0].take($0[1]) }
  table.row("take/axis", [.plain(3, 4), .integers(0..<4, 2, 5)], torch: "a[:, b]") { $0[0].take($0[1], axis: 1) }
  table.row("take/empty", [.plain(3, 4), .integers(0..<1, 0)], torch: "a[b]") { $0[0].take($0[1], axis: 0) }
  let pairs = SampleInput([4, 2], .fixed([0, 1, 2, 3, 1, 0, 0, 1]), dtype: .int64)
  table.row("gather_nd", [.plain(3, 4, 2), pairs], torch: "a[b[:, 0], b[:, 1]]") { $0[0].gatherND($0[1]) }
  let batched = SampleInput([2, 3, 1], .fixed([0, 2, 1, 1, 1, 0]), dtype: .int64)
  table.row("gather_nd/batch", [.plain(2, 3, 4), batched], torch: "torch.stack([a[i][b[i, :, 0]] for i in range(2)])") {
    $0[0].gatherND($0[1], batchAxes: 1)
  }
  let apart = SampleInput([3, 2], .fixed([0, 1, 2, 3, 1, 0]), dtype: .int64)
  table.row("scatter_nd", [.plain(3, 4, 2), apart, .plain(3, 2)], torch: "a.index_put((b[:, 0], b[:, 1]), c)") {
    $0[0].scatterND($0[1], $0[2])
  }
  table.row(
    "scatter_nd/add", [.plain(3, 4, 2), pairs, .plain(4, 2)],
    torch: "a.index_put((b[:, 0], b[:, 1]), c, accumulate=True)"
  ) { $0[0].scatterND($0[1], $0[2], mode: .add) }
  table.row("one_hot", [.integers(0..<5, 2, 3)], torch: "F.one_hot(a, 5).double()") {
    $0[0].oneHot(5, dtype: .float64)
  }
  table.row("one_hot/bool", [.integers(0..<5, 6, dtype: .int32)], torch: "F.one_hot(a.long(), 6).bool()") {
    $0[0].oneHot(6, dtype: .bool)
  }
}

private func addMaskSamples(to table: inout SampleTable) {
  table.row("masked_fill", [.plain(3, 4), .mask(4)], torch: "a.masked_fill(b, 0.75)") { $0[0].maskedFill($0[1], 0.75) }
  table.row("masked_select", [.plain(3, 4), .mask(3, 1)], torch: "a.masked_select(b)", captures: false) {
    $0[0].maskedSelect($0[1])
  }
  table.row(
    "masked_scatter", [.plain(3, 4), .mask(3, 4), .plain(15)], torch: "a.masked_scatter(b, c)",
    derivatives: 0, covers: [MaskedScatterOperator.self]
  ) { $0[0].maskedScatter($0[1], $0[2]) }
  table.row(
    "masked_scatter/gradients", [.plain(3, 4), .mask(3, 4), .plain(15)], torch: "a.masked_scatter(b, c)",
    captures: false
  ) { $0[0].maskedScatter($0[1], $0[2]) }
  table.row("nonzero", [.integers(-1..<2, 3, 4, 2)], torch: "a.nonzero()", captures: false) { $0[0].nonzero() }
  table.row(
    "nonzero/empty", [.integers(0..<1, 0, 2)], torch: "a.nonzero()", captures: false, covers: [NonzeroOperator.self]
  ) { $0[0].nonzero() }
}

private func addPaddingSamples(to table: inout SampleTable) {
  table.row("pad", [.plain(2, 3)], torch: "F.pad(a, (1, 2, 0, 1), value=0.75)") {
    $0[0].padded([(0, 1), (1, 2)], value: 0.75)
  }
  table.row("pad/crop", [.plain(4, 5)], torch: "F.pad(a, (-1, 2, 1, -2))") { $0[0].padded([(1, -2), (-1, 2)]) }
  table.row("pad/empty", [.plain(0, 2)], torch: "F.pad(a, (0, 0, 1, 1))") { $0[0].padded([(1, 1), (0, 0)]) }
  table.row("pad/reflect", [.plain(1, 3, 4)], torch: "F.pad(a, (2, 1, 1, 2), mode='reflect')") {
    $0[0].padded([(1, 2), (2, 1)], mode: .reflect)
  }
  table.row("pad/replicate", [.plain(1, 3, 4)], torch: "F.pad(a, (2, 5, 1, 0), mode='replicate')") {
    $0[0].padded([(1, 0), (2, 5)], mode: .replicate)
  }
  table.row("pad/circular", [.plain(1, 3, 4)], torch: "F.pad(a, (4, 1), mode='circular')") {
    $0[0].padded([(4, 1)], mode: .circular)
  }
  table.row("roll", [.plain(3, 4)], torch: "a.roll((1, -2), (0, 1))") { $0[0].rolled([1, -2], axes: [0, 1]) }
  table.row("roll/flat", [.plain(3, 4)], torch: "a.roll(5)") { $0[0].rolled(5) }
  table.row("tile", [.plain(2, 3)], torch: "a.tile((2, 1, 3))") { $0[0].tiled([2, 1, 3]) }
  table.row("tile/none", [.plain(2, 3)], torch: "a.tile((0, 1))") { $0[0].tiled([0, 1]) }
  table.row("repeat", [.plain(2, 3)], torch: "a.repeat_interleave(2, 1)") { $0[0].repeated(2, axis: 1) }
  table.row("repeat/flat", [.plain(2, 3)], torch: "a.repeat_interleave(3)") { $0[0].repeated(3) }
}

private func addDiagonalSamples(to table: inout SampleTable) {
  table.row("tril", [.plain(2, 3, 4)], torch: "a.tril()") { $0[0].tril() }
  table.row("triu", [.plain(4, 3)], torch: "a.triu(-1)") { $0[0].triu(diagonal: -1) }
  table.row("diagonal", [.plain(2, 3, 4)], torch: "a.diagonal(1, -2, -1)") { $0[0].diagonal(1) }
  table.row("diagonal/axes", [.plain(3, 2, 4)], torch: "a.diagonal(-1, 2, 0)") { $0[0].diagonal(-1, axes: (2, 0)) }
  table.row("diagonal_matrix", [.plain(2, 3)], torch: "torch.diag_embed(a, -1)") { $0[0].diagonalMatrix(-1) }
  table.row("trace", [.plain(3, 3)], torch: "a.trace()") { $0[0].trace() }
}

private func addSortingSamples(to table: inout SampleTable) {
  table.rows("sort", [.distinct(3, 7)], torch: "tuple(a.sort(1))") {
    let result = $0[0].sorted(axis: 1)
    return [result.values, result.indices]
  }
  table.rows("sort/descending", [.distinct(5, 3)], torch: "tuple(a.sort(0, descending=True))") {
    let result = $0[0].sorted(axis: 0, descending: true)
    return [result.values, result.indices]
  }
  table.row("argsort/stable", [.integers(0..<3, 12, dtype: .int16)], torch: "a.argsort(stable=True)") {
    $0[0].argsort()
  }
  table.rows("top_k", [.distinct(3, 7)], torch: "tuple(a.topk(3, 1))") {
    let result = $0[0].topK(3, axis: 1)
    return [result.values, result.indices]
  }
  table.rows("top_k/smallest", [.distinct(6, 2)], torch: "tuple(a.topk(2, 0, largest=False))") {
    let result = $0[0].topK(2, axis: 0, largest: false)
    return [result.values, result.indices]
  }
  table.rows(
    "unique", [.integers(0..<5, 3, 4)], torch: "torch.unique(a, return_inverse=True, return_counts=True)",
    captures: false, covers: [UniqueOperator.self]
  ) {
    let result = $0[0].unique()
    return [result.values, result.inverse, result.counts]
  }
  table.row("sort/empty", [.plain(0, 3)], torch: "a.sort(0).values") { $0[0].sorted(axis: 0).values }
  table.row("top_k/none", [.plain(2, 3)], torch: "a.topk(0).values") { $0[0].topK(0).values }
  table.row("index_select/empty", [.plain(0, 3), .integers(0..<3, 2)], torch: "a.index_select(1, b)") {
    $0[0].indexSelect(axis: 1, $0[1])
  }
  table.row("roll/empty", [.plain(0, 3)], torch: "a.roll(1, 1)") { $0[0].rolled(1, axis: 1) }
  table.row("triu/empty", [.plain(2, 0, 3)], torch: "a.triu()") { $0[0].triu() }
  table.row("diagonal/empty", [.plain(2, 3)], torch: "a.diagonal(3)") { $0[0].diagonal(3) }
  let list = SampleInput([5], .fixed([-1, 0, 0, 2, 3]), isDifferentiable: false)
  let values = SampleInput([2, 3], .fixed([0, -2, 3, 1, 9, 2]), isDifferentiable: false)
  table.row("search_sorted", [list, values], torch: "torch.searchsorted(a, b)") { $0[0].searchSorted($0[1]) }
  table.row("search_sorted/right", [list, values], torch: "torch.searchsorted(a, b, right=True)") {
    $0[0].searchSorted($0[1], right: true)
  }
}
