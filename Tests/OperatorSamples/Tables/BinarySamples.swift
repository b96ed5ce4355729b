import DeepSeekOperators
import DeepSeekTensor

/// Functions of two numbers, and of a condition and two numbers.
func addBinarySamples(to table: inout SampleTable) {
  let pairs: [(String, [SampleInput])] = [
    ("", [.plain(3, 4), .plain(3, 4)]),
    ("/broadcast", [.plain(2, 1, 4), .plain(3, 1)]),
    ("/scalar", [.plain(2, 3), SampleInput([])]),
    ("/empty", [.plain(0, 4), .plain(1, 4)]),
  ]
  for (suffix, inputs) in pairs {
    table.row("add" + suffix, inputs, torch: "a + b") { $0[0] + $0[1] }
    table.row("subtract" + suffix, inputs, torch: "a - b") { $0[0] - $0[1] }
    table.row("multiply" + suffix, inputs, torch: "a * b") { $0[0] * $0[1] }
    table.row("divide" + suffix, inputs, torch: "a / b", tolerance: 16) { $0[0] / $0[1] }
    table.row("maximum" + suffix, inputs, torch: "torch.maximum(a, b)") { $0[0].maximum($0[1]) }
    table.row("minimum" + suffix, inputs, torch: "torch.minimum(a, b)") { $0[0].minimum($0[1]) }
    table.row("atan2" + suffix, inputs, torch: "torch.atan2(a, b)", tolerance: 4) { $0[0].atan2($0[1]) }
  }
  table.row("power", [.positive(3, 4), .plain(4)], torch: "a ** b", tolerance: 16) { $0[0].power($0[1]) }
  table.row("power/square", [.plain(3, 4)], torch: "a ** 2") { $0[0].power(2) }
  table.row(
    "power/zero base", [SampleInput([3], .fixed([0, 0, 2])), SampleInput([3], .fixed([2, 0, 0]))],
    torch: "a ** b", derivatives: 0
  ) { $0[0].power($0[1]) }
  table.row("remainder", [.plain(3, 4), .positive(4)], torch: "torch.remainder(a, b)", tolerance: 4) {
    $0[0].remainder($0[1])
  }
  table.row("fmod", [.plain(3, 4), .positive(4)], torch: "torch.fmod(a, b)", tolerance: 4) { $0[0].fmod($0[1]) }
  table.row("floor_divide", [.plain(3, 4), .positive(4)], torch: "torch.floor_divide(a, b)", derivatives: 0) {
    $0[0].floorDivide($0[1])
  }
  table.row(
    "maximum/nan",
    [
      SampleInput([3], .fixed([.nan, 1, 2]), isDifferentiable: false),
      SampleInput([3], .fixed([0, .nan, 3]), isDifferentiable: false),
    ], torch: "torch.maximum(a, b)"
  ) { $0[0].maximum($0[1]) }
  addComparisonSamples(to: &table)
  addIntegerSamples(to: &table)
  table.row("where", [.mask(3, 4), .plain(3, 4), .plain(4)], torch: "torch.where(a, b, c)") {
    Tensor.select($0[0], $0[1], $0[2])
  }
  table.row("where/broadcast condition", [.mask(3, 1), .plain(1, 4), SampleInput([])], torch: "torch.where(a, b, c)") {
    Tensor.select($0[0], $0[1], $0[2])
  }
  table.row(
    "where/integers", [.mask(6), .integers(0..<9, 6, dtype: .int16), .integers(0..<9, 6, dtype: .int16)],
    torch: "torch.where(a, b, c)"
  ) { Tensor.select($0[0], $0[1], $0[2]) }
}

private func addComparisonSamples(to table: inout SampleTable) {
  let ties = [SampleInput.integers(0..<3, 3, 5), .integers(0..<3, 5)]
  table.row("equal", ties, torch: "a == b") { $0[0].equal(to: $0[1]) }
  table.row("not_equal", ties, torch: "a != b") { $0[0].notEqual(to: $0[1]) }
  table.row("less", ties, torch: "a < b") { $0[0].less(than: $0[1]) }
  table.row("less_equal", ties, torch: "a <= b") { $0[0].lessOrEqual(to: $0[1]) }
  table.row("greater", ties, torch: "a > b") { $0[0].greater(than: $0[1]) }
  table.row("greater_equal", ties, torch: "a >= b") { $0[0].greaterOrEqual(to: $0[1]) }
  table.row("logical_and", ties, torch: "torch.logical_and(a, b)") { $0[0].logicalAnd($0[1]) }
  table.row("logical_or", ties, torch: "torch.logical_or(a, b)") { $0[0].logicalOr($0[1]) }
  table.row("logical_xor", ties, torch: "torch.logical_xor(a, b)") { $0[0].logicalXor($0[1]) }
  let floats = [SampleInput([2, 7], isDifferentiable: false), SampleInput([7], isDifferentiable: false)]
  table.row("less/floats", floats, torch: "a < b") { $0[0].less(than: $0[1]) }
  table.row(
    "equal/nan", [SampleInput([3], .fixed([.nan, 1, .infinity]), isDifferentiable: false)],
    torch: "a == a"
  ) { $0[0].equal(to: $0[0]) }
}

private func addIntegerSamples(to table: inout SampleTable) {
  for dtype in [DType.int8, .uint8, .int16, .int32, .int64] {
    let low = dtype == .uint8 ? 0 : -9
    let a = SampleInput([4, 6], .integers(low..<10), dtype: dtype)
    let b = SampleInput([6], .fixed([1, 2, 3, 5, 7, 4]), dtype: dtype)
    table.row("add/\(dtype)", [a, b], torch: "a + b") { $0[0] + $0[1] }
    table.row("multiply/\(dtype)", [a, b], torch: "a * b") { $0[0] * $0[1] }
    table.row("floor_divide/\(dtype)", [a, b], torch: "torch.floor_divide(a, b)") { $0[0].floorDivide($0[1]) }
    table.row("remainder/\(dtype)", [a, b], torch: "torch.remainder(a, b)") { $0[0].remainder($0[1]) }
    table.row("fmod/\(dtype)", [a, b], torch: "torch.fmod(a, b)") { $0[0].fmod($0[1]) }
    table.row("bitwise_and/\(dtype)", [a, b], torch: "a & b") { $0[0].bitwiseAnd($0[1]) }
    table.row("bitwise_or/\(dtype)", [a, b], torch: "a | b") { $0[0].bitwiseOr($0[1]) }
    table.row("bitwise_xor/\(dtype)", [a, b], torch: "a ^ b") { $0[0].bitwiseXor($0[1]) }
    table.row("shift_left/\(dtype)", [a, b], torch: "a << b") { $0[0].shiftedLeft(by: $0[1]) }
    table.row("shift_right/\(dtype)", [a, b], torch: "a >> b") { $0[0].shiftedRight(by: $0[1]) }
  }
  table.row("power/int64", [.integers(-4..<5, 9), .integers(0..<4, 9)], torch: "a ** b") { $0[0].power($0[1]) }
  table.row(
    "divide/int32", [.integers(-9..<9, 5, dtype: .int32), .integers(1..<9, 5, dtype: .int32)],
    torch: "a.double() / b.double()"
  ) { $0[0] / $0[1] }
}
