import DeepSeekOperators
import DeepSeekTensor

/// Functions of one number.
func addUnarySamples(to table: inout SampleTable) {
  let chain = ElementwiseChainOperator(
    inputCount: 3,
    steps: [
      .binary(BinaryOperator(.multiply), 0, 1), .unary(UnaryOperator(.tanh), 3), .binary(BinaryOperator(.add), 4, 2),
    ])
  table.row("elementwise_chain", [.plain(3, 4), .plain(4), .plain(3, 4)], tolerance: 4) { apply(chain, $0)[0] }
  table.row("negate", [.plain(3, 5)], torch: "-a") { -$0[0] }
  table.row("abs", [.plain(3, 5)], torch: "a.abs()") { $0[0].abs() }
  table.row("sign", [.plain(3, 5)], torch: "a.sign()", derivatives: 1) { $0[0].sign() }
  table.row("sqrt", [.positive(3, 5)], torch: "a.sqrt()") { $0[0].sqrt() }
  table.row("rsqrt", [.positive(3, 5)], torch: "a.rsqrt()") { $0[0].rsqrt() }
  table.row("reciprocal", [.positive(3, 5)], torch: "a.reciprocal()") { $0[0].reciprocal() }
  table.row("square", [.plain(3, 5)], torch: "a.square()") { $0[0].square() }
  table.row("exp", [.plain(3, 5)], torch: "a.exp()") { $0[0].exp() }
  table.row("exp2", [.plain(3, 5)], torch: "a.exp2()") { $0[0].exp2() }
  table.row("expm1", [.plain(3, 5)], torch: "a.expm1()") { $0[0].expm1() }
  table.row("log", [.positive(3, 5)], torch: "a.log()") { $0[0].log() }
  table.row("log2", [.positive(3, 5)], torch: "a.log2()") { $0[0].log2() }
  table.row("log10", [.positive(3, 5)], torch: "a.log10()") { $0[0].log10() }
  table.row("log1p", [.positive(3, 5)], torch: "a.log1p()") { $0[0].log1p() }
  table.row("sin", [.plain(3, 5)], torch: "a.sin()") { $0[0].sin() }
  table.row("cos", [.plain(3, 5)], torch: "a.cos()") { $0[0].cos() }
  table.row("tan", [.unit(3, 5)], torch: "a.tan()", tolerance: 2) { $0[0].tan() }
  table.row("asin", [.unit(3, 5)], torch: "a.asin()", tolerance: 4) { $0[0].asin() }
  table.row("acos", [.unit(3, 5)], torch: "a.acos()", tolerance: 4) { $0[0].acos() }
  table.row("atan", [.plain(3, 5)], torch: "a.atan()") { $0[0].atan() }
  table.row("sinh", [.plain(3, 5)], torch: "a.sinh()") { $0[0].sinh() }
  table.row("cosh", [.plain(3, 5)], torch: "a.cosh()") { $0[0].cosh() }
  table.row("tanh", [.plain(3, 5)], torch: "a.tanh()") { $0[0].tanh() }
  table.row("asinh", [.plain(3, 5)], torch: "a.asinh()") { $0[0].asinh() }
  table.row("acosh", [.aboveOne(3, 5)], torch: "a.acosh()", tolerance: 8) { $0[0].acosh() }
  table.row("atanh", [.unit(3, 5)], torch: "a.atanh()", tolerance: 4) { $0[0].atanh() }
  table.row("erf", [.plain(3, 5)], torch: "a.erf()") { $0[0].erf() }
  addActivationSamples(to: &table)
  addRoundingSamples(to: &table)
}

private func addActivationSamples(to table: inout SampleTable) {
  table.row("sigmoid", [.plain(3, 5)], torch: "a.sigmoid()") { $0[0].sigmoid() }
  table.row("log_sigmoid", [.plain(3, 5)], torch: "F.logsigmoid(a)") { $0[0].logSigmoid() }
  table.row("relu", [.plain(3, 5)], torch: "a.relu()") { $0[0].relu() }
  table.row("gelu", [.plain(3, 5)], torch: "F.gelu(a)") { $0[0].gelu() }
  table.row("gelu_tanh", [.plain(3, 5)], torch: "F.gelu(a, approximate='tanh')") { $0[0].gelu(approximate: .tanh) }
  table.row("silu", [.plain(3, 5)], torch: "F.silu(a)") { $0[0].silu() }
  table.row("softplus", [.plain(3, 5)], torch: "F.softplus(a)") { $0[0].softplus() }
  table.row("softplus/beta and threshold", [.plain(3, 5)], torch: "F.softplus(a, 2.0, 1.0)") {
    $0[0].softplus(beta: 2, threshold: 1)
  }
  table.row("elu", [.plain(3, 5)], torch: "F.elu(a, 1.5)") { $0[0].elu(alpha: 1.5) }
  table.row("leaky_relu", [.plain(3, 5)], torch: "F.leaky_relu(a, 0.125)") { $0[0].leakyRelu(slope: 0.125) }
  table.row("hard_sigmoid", [.plain(3, 5)], torch: "(a / 6 + 0.5).clamp(0, 1)", derivatives: 1) { $0[0].hardSigmoid() }
  table.row("hard_swish", [.plain(3, 5)], torch: "F.hardswish(a)") { $0[0].hardSwish() }
  table.row("hard_tanh", [.plain(3, 5)], torch: "F.hardtanh(a)") { $0[0].hardTanh() }
  table.row("mish", [.plain(3, 5)], torch: "F.mish(a)") { $0[0].mish() }
  table.row("clamp", [.plain(3, 5)], torch: "a.clamp(-0.5, 1.0)") { $0[0].clamp(-0.5, 1) }
}

private func addRoundingSamples(to table: inout SampleTable) {
  table.row("floor", [.plain(3, 5)], torch: "a.floor()", derivatives: 1) { $0[0].floor() }
  table.row("ceil", [.plain(3, 5)], torch: "a.ceil()", derivatives: 1) { $0[0].ceil() }
  let halves = SampleInput([6], .fixed([-1.5, -0.5, 0.5, 1.5, 2.5, 0.75]), isDifferentiable: false)
  table.row("round/ties to even", [halves], torch: "a.round()") { $0[0].round() }
  table.row("trunc", [.plain(3, 5)], torch: "a.trunc()", derivatives: 1) { $0[0].trunc() }
  let special = SampleInput([5], .fixed([.nan, .infinity, -.infinity, 0, 1]), isDifferentiable: false)
  table.row("is_nan", [special], torch: "a.isnan()") { $0[0].isNaN() }
  table.row("is_infinite", [special], torch: "a.isinf()") { $0[0].isInfinite() }
  table.row("is_finite", [special], torch: "a.isfinite()") { $0[0].isFinite() }
  table.row("logical_not", [special], torch: "a.logical_not()") { $0[0].logicalNot() }
  table.row("special values/exp", [special], torch: "a.exp()") { $0[0].exp() }
  table.row("special values/tanh", [special], torch: "a.tanh()") { $0[0].tanh() }
  table.row("special values/sigmoid", [special], torch: "a.sigmoid()") { $0[0].sigmoid() }
  table.row("special values/sqrt", [special], torch: "a.sqrt()") { $0[0].sqrt() }
  table.row("special values/log", [special], torch: "a.log()") { $0[0].log() }
  table.row("bitwise_not/int32", [.integers(-5..<6, 7, dtype: .int32)], torch: "~a") { $0[0].bitwiseNot() }
  table.row("bitwise_not/bool", [.mask(7)], torch: "~a") { $0[0].bitwiseNot() }
  for dtype in [DType.int8, .int16, .int32, .int64] {
    table.row("abs/\(dtype)", [.integers(-9..<10, 2, 9, dtype: dtype)], torch: "a.abs()") { $0[0].abs() }
    table.row("negate/\(dtype)", [.integers(-9..<10, 2, 9, dtype: dtype)], torch: "-a") { -$0[0] }
  }
  table.row("exp/empty", [.plain(0, 3)], torch: "a.exp()") { $0[0].exp() }
  table.row("exp/scalar", [SampleInput([])], torch: "a.exp()") { $0[0].exp() }
  table.row("exp/rank 5", [.plain(2, 1, 3, 2, 2)], torch: "a.exp()") { $0[0].exp() }
  table.row("cast/to int32", [.plain(3, 5)], torch: "a.to(torch.int32)", derivatives: 0) { $0[0].cast(to: .int32) }
  table.row("cast/to bool", [.integers(-1..<2, 7)], torch: "a.to(torch.bool)") { $0[0].cast(to: .bool) }
  table.row("cast/to float32", [.integers(-99..<99, 7)], torch: "a.to(torch.float32)") { $0[0].cast(to: .float32) }
  table.row("cast/wraps", [.integers(-999..<999, 17)], torch: "a.to(torch.int8)") { $0[0].cast(to: .int8) }
  table.row("add_scalar", [.plain(3, 5)], torch: "a + 0.75") { $0[0] + 0.75 }
  table.row("multiply_scalar", [.plain(3, 5)], torch: "a * 0.75") { $0[0] * 0.75 }
}
