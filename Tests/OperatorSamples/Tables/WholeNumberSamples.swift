import DeepSeekOperators
import DeepSeekTensor

/// Integers and `bool`, for operators whose own rows have floats alone.
func addWholeNumberSamples(to table: inout SampleTable) {
  for dtype in [DType.int8, .uint8, .int16, .int32, .int64] {
    addIntegerArithmetic(to: &table, dtype)
    addIntegerReductions(to: &table, dtype)
    addIntegerProducts(to: &table, dtype)
  }
  for dtype in [DType.int8, .uint8, .int16, .int32, .int64, .bool] {
    addComparisons(to: &table, dtype)
    addMovements(to: &table, dtype)
    addOrderings(to: &table, dtype)
  }
  addBoolArithmetic(to: &table)
}

/// Numbers of a type that has negative ones, or of one that has none.
private func numbers(_ dtype: DType, _ shape: Int...) -> SampleInput {
  let range = dtype == .bool ? 0..<2 : dtype == .uint8 ? 0..<19 : -9..<10
  return SampleInput(shape, .integers(range), dtype: dtype)
}

private func addIntegerArithmetic(to table: inout SampleTable, _ dtype: DType) {
  let (a, b) = (numbers(dtype, 4, 6), numbers(dtype, 6))
  table.row("subtract/\(dtype)", [a, b], torch: "a - b") { $0[0] - $0[1] }
  table.row("maximum/\(dtype)", [a, b], torch: "torch.maximum(a, b)") { $0[0].maximum($0[1]) }
  table.row("minimum/\(dtype)", [a, b], torch: "torch.minimum(a, b)") { $0[0].minimum($0[1]) }
  table.row("clamp/\(dtype)", [a], torch: "a.clamp(2, 5)") { $0[0].clamp(2, 5) }
  table.row("square/\(dtype)", [a], torch: "a * a") { $0[0].square() }
  table.row("sign/\(dtype)", [a], torch: "a.sign()") { $0[0].sign() }
  table.row("sqrt/\(dtype)", [numbers(.uint8, 9)], torch: "a.double().sqrt()") { $0[0].cast(to: dtype).sqrt() }
  if dtype == .uint8 { return }
  let divisors = SampleInput([6], .fixed([-3, 2, -7, 5, -1, 4]), dtype: dtype)
  let signed = [a, divisors]
  table.row("floor_divide/\(dtype), signed", signed, torch: "torch.floor_divide(a, b)") { $0[0].floorDivide($0[1]) }
  table.row("remainder/\(dtype), signed", signed, torch: "torch.remainder(a, b)") { $0[0].remainder($0[1]) }
  table.row("fmod/\(dtype), signed", signed, torch: "torch.fmod(a, b)") { $0[0].fmod($0[1]) }
}

private func addIntegerReductions(to table: inout SampleTable, _ dtype: DType) {
  let x = numbers(dtype, 3, 5)
  table.row("reduce_product/\(dtype)", [x], torch: "a.prod(1)") { $0[0].product(axis: 1) }
  table.row("reduce_mean/\(dtype)", [x], torch: "a.double().mean(0)") { $0[0].mean(axis: 0) }
  table.row("variance/\(dtype)", [x], torch: "a.double().var(0)") { $0[0].variance(axes: [0]) }
  table.row("reduce_any/\(dtype)", [x], torch: "(a != 0).any(1)") { $0[0].any(axis: 1) }
  table.row("reduce_all/\(dtype)", [x], torch: "(a != 0).all(1)") { $0[0].all(axis: 1) }
  table.row("argmin/\(dtype)", [x], torch: "torch.from_numpy(a.numpy().argmin(1))") { $0[0].argmin(axis: 1) }
  table.row("cumulative_sum/\(dtype), rows", [x], torch: "a.cumsum(1)") { $0[0].cumulativeSum(axis: 1) }
  table.row("cumulative_product/\(dtype)", [x], torch: "a.cumprod(0)") { $0[0].cumulativeProduct(axis: 0) }
  table.row("cumulative_max/\(dtype)", [x], torch: "a.cummax(1).values") { $0[0].cumulativeMax(axis: 1) }
}

/// Products, which keep the type and wrap around. Rows as wide as the kernels' tiles, and lengths beyond them.
private func addIntegerProducts(to table: inout SampleTable, _ dtype: DType) {
  let shapes: [(String, [Int], [Int])] = [
    ("", [3, 5], [5, 2]), (", vectors", [6], [6]), (", row", [4], [4, 3]), (", column", [3, 4], [4]),
    (", tiles", [5, 7], [7, 131]), (", batched", [2, 3, 4], [2, 4, 2]), (", broadcast", [2, 1, 2, 3], [3, 3, 2]),
    (", empty", [2, 0], [0, 3]), (", no rows", [0, 2], [2, 3]),
  ]
  // Of full width, so that sums do not fit.
  let high =
    dtype == .uint8 ? 256 : dtype == .int8 ? 128 : dtype == .int16 ? 1 << 15 : dtype == .int32 ? 1 << 31 : 1 << 52
  let range = (dtype == .uint8 ? 0 : -high)..<high
  for (suffix, a, b) in shapes {
    let pair = [a, b].map { SampleInput($0, .integers(range), dtype: dtype) }
    table.row("matmul/\(dtype)" + suffix, pair, torch: "a @ b") { $0[0].matmul($0[1]) }
  }
  let (a, b) = (
    SampleInput([4, 3], .integers(range), dtype: dtype), SampleInput([2, 4], .integers(range), dtype: dtype)
  )
  table.row("matmul/\(dtype), transposed", [a, b], torch: "a.t() @ b.t()") {
    $0[0].transposed().matmul($0[1].transposed())
  }
  table.row("outer/\(dtype)", [numbers(dtype, 3), numbers(dtype, 2)], torch: "torch.outer(a, b)") {
    $0[0].outer($0[1])
  }
  let sum = "torch.from_numpy(np.einsum('bij,bjk->bk', a.numpy(), b.numpy()))"
  let stacks = [numbers(dtype, 2, 3, 4), numbers(dtype, 2, 4, 2)]
  table.row("einsum/\(dtype)", stacks, torch: sum) { Tensor.einsum("bij,bjk->bk", $0[0], $0[1]) }
  table.row("matrix_power/\(dtype)", [numbers(dtype, 3, 3)], torch: "a @ a @ a") { $0[0].matrixPower(3) }
}

private func addComparisons(to table: inout SampleTable, _ dtype: DType) {
  let pair = [numbers(dtype, 3, 7), numbers(dtype, 7)]
  table.row("equal/\(dtype)", pair, torch: "a == b") { $0[0].equal(to: $0[1]) }
  table.row("less/\(dtype)", pair, torch: "a < b") { $0[0].less(than: $0[1]) }
  table.row("greater_equal/\(dtype)", pair, torch: "a >= b") { $0[0].greaterOrEqual(to: $0[1]) }
  table.row("logical_and/\(dtype)", pair, torch: "torch.logical_and(a, b)") { $0[0].logicalAnd($0[1]) }
  table.row("logical_not/\(dtype)", [pair[0]], torch: "a.logical_not()") { $0[0].logicalNot() }
  table.row("cast/\(dtype) to float32", [pair[0]], torch: "a.float()") { $0[0].cast(to: .float32) }
}

/// What moves elements does it with those of any type.
private func addMovements(to table: inout SampleTable, _ dtype: DType) {
  let (x, y) = (numbers(dtype, 3, 5), numbers(dtype, 3, 5))
  table.row("where/\(dtype), columns", [.mask(3, 1), x, y], torch: "torch.where(a, b, c)") {
    Tensor.select($0[0], $0[1], $0[2])
  }
  table.row("concatenate/\(dtype)", [x, y], torch: "torch.cat([a, b], 1)") {
    Tensor.concatenate([$0[0], $0[1]], axis: 1)
  }
  table.row("gather/\(dtype)", [x, .integers(0..<5, 3, 4)], torch: "a.gather(1, b)") { $0[0].gather(axis: 1, $0[1]) }
  let places = SampleInput([3, 2], .fixed([0, 3, 2, 0, 4, 1]), dtype: .int64)
  table.row("scatter/\(dtype)", [x, places, numbers(dtype, 3, 2)], torch: "a.scatter(1, b, c)") {
    $0[0].scatter(axis: 1, $0[1], $0[2])
  }
  table.row("index_select/\(dtype)", [x, .integers(0..<5, 4, dtype: .int32)], torch: "a.index_select(1, b)") {
    $0[0].indexSelect(axis: 1, $0[1])
  }
  table.row("gather_nd/\(dtype)", [x, .integers(0..<3, 4, 2)], torch: "a[b[:, 0], b[:, 1]]") { $0[0].gatherND($0[1]) }
  table.row("masked_select/\(dtype)", [x, .mask(3, 5)], torch: "a.masked_select(b)", captures: false) {
    $0[0].maskedSelect($0[1])
  }
  table.row("nonzero/\(dtype)", [x], torch: "a.nonzero()", captures: false) { $0[0].nonzero() }
  table.row("pad/\(dtype)", [x], torch: "F.pad(a, (1, 2, 0, 1), value=1)") { $0[0].padded([(0, 1), (1, 2)], value: 1) }
  table.row("roll/\(dtype)", [x], torch: "a.roll((1, -2), (0, 1))") { $0[0].rolled([1, -2], axes: [0, 1]) }
  table.row("tril/\(dtype)", [x], torch: "a.tril()") { $0[0].tril() }
  table.row("tile/\(dtype)", [x], torch: "a.tile((2, 1))") { $0[0].tiled([2, 1]) }
  table.row("embedding/\(dtype)", [x, .integers(0..<3, 4)], torch: "a[b]") { Tensor.embedding($0[0], $0[1]) }
  let bytes = SampleInput.integers(0..<5, 3, dtype: .uint8)
  table.row("subscript/\(dtype), by bytes", [numbers(dtype, 5, 2), bytes], torch: "a[b.long()]") { $0[0][$0[1]] }
}

private func addOrderings(to table: inout SampleTable, _ dtype: DType) {
  let x = numbers(dtype, 3, 7)
  table.rows("sort/\(dtype)", [x], torch: "tuple(a.sort(dim=1, stable=True))") {
    let result = $0[0].sorted(axis: 1)
    return [result.values, result.indices]
  }
  table.row("top_k/\(dtype)", [x], torch: "a.to(torch.int64).topk(3, 1).values.to(a.dtype)") {
    $0[0].topK(3, axis: 1).values
  }
  table.row("reduce_max/\(dtype), rows", [x], torch: "a.amax(1)") { $0[0].max(axis: 1) }
  table.row("argmax/\(dtype), rows", [x], torch: "torch.from_numpy(a.numpy().argmax(1))") { $0[0].argmax(axis: 1) }
  table.rows(
    "unique/\(dtype)", [x], torch: "torch.unique(a, return_inverse=True, return_counts=True)", captures: false,
    covers: [UniqueOperator.self]
  ) {
    let result = $0[0].unique()
    return [result.values, result.inverse, result.counts]
  }
}

private func addBoolArithmetic(to table: inout SampleTable) {
  let pair: [SampleInput] = [.mask(3, 5), .mask(5)]
  table.row("bitwise_and/bool", pair, torch: "a & b") { $0[0].bitwiseAnd($0[1]) }
  table.row("bitwise_or/bool", pair, torch: "a | b") { $0[0].bitwiseOr($0[1]) }
  table.row("bitwise_xor/bool", pair, torch: "a ^ b") { $0[0].bitwiseXor($0[1]) }
  table.row("multiply/bool and float", [.mask(3, 5), .plain(5)], torch: "a * b") { $0[0] * $0[1] }
  table.row("add/bool and int64", [.mask(3, 5), .integers(-3..<4, 5)], torch: "a + b") { $0[0] + $0[1] }
  table.row("reduce_product/bool", [.mask(3, 5)], torch: "a.prod(1)") { $0[0].product(axis: 1) }
  table.row("cumulative_sum/bool", [.mask(3, 5)], torch: "a.cumsum(1)") { $0[0].cumulativeSum(axis: 1) }
  table.row("matmul/bool", [.mask(3, 5), .mask(5, 2)], torch: "torch.from_numpy(a.numpy() @ b.numpy())") {
    $0[0].matmul($0[1])
  }
  let wide = [SampleInput.integers(-128..<128, 3, 5, dtype: .int8), .integers(0..<256, 5, 2, dtype: .uint8)]
  table.row("matmul/int8 and uint8", wide, torch: "torch.from_numpy(a.numpy() @ b.numpy())") { $0[0].matmul($0[1]) }
  table.row("matmul/bool and int64", [.mask(3, 5), .integers(-9..<10, 5, 2)], torch: "a.long() @ b") {
    $0[0].matmul($0[1])
  }
}
