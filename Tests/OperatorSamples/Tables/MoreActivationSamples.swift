import DeepSeekOperators
import DeepSeekTensor

/// Activations that are made of others, and positions.
func addMoreActivationSamples(to table: inout SampleTable) {
  let x: [SampleInput] = [.plain(3, 4)]
  table.row("selu", x, torch: "F.selu(a)", tolerance: 4) { $0[0].selu() }
  table.row("celu", x, torch: "F.celu(a, 1.5)", tolerance: 4) { $0[0].celu(alpha: 1.5) }
  table.row("softsign", x, torch: "F.softsign(a)", tolerance: 4) { $0[0].softsign() }
  table.row("softshrink", x, torch: "F.softshrink(a, 0.7)", tolerance: 2) { $0[0].softshrink(0.7) }
  table.row("hardshrink", x, torch: "F.hardshrink(a, 0.7)") { $0[0].hardshrink(0.7) }
  table.row("tanhshrink", x, torch: "F.tanhshrink(a)", tolerance: 4) { $0[0].tanhshrink() }
  table.row("threshold", x, torch: "F.threshold(a, 0.3, -2.0)") { $0[0].threshold(0.3, value: -2) }
  table.row("prelu", [.plain(2, 3, 4), .plain(3)], torch: "F.prelu(a, b)", tolerance: 2) { $0[0].prelu($0[1]) }
  table.row("prelu/one slope", [.plain(3, 4), .plain(1)], torch: "F.prelu(a, b)", tolerance: 2) { $0[0].prelu($0[1]) }
  table.row("glu", [.plain(2, 6, 3)], torch: "F.glu(a, 1)", tolerance: 4) { $0[0].glu(axis: 1) }
  table.row("swiglu", [.plain(3, 4), .plain(3, 4)], torch: "F.silu(a) * b", tolerance: 4) { $0[0].swiglu($0[1]) }
  table.row("gumbel_softmax", [.plain(3, 4), .key], dtypes: [.float64], derivatives: 1) {
    $0[0].gumbelSoftmax(temperature: 0.5, key: $0[1])
  }
  addPositionSamples(to: &table)
}

private func addPositionSamples(to table: inout SampleTable) {
  let inputs: [SampleInput] = [.plain(2, 3, 6), .unit(3, 3), .unit(3, 3)]
  table.row(
    "rotary/halves", inputs,
    torch: "torch.cat([a[..., :3] * b - a[..., 3:] * c, a[..., 3:] * b + a[..., :3] * c], -1)",
    dtypes: [.float64, .float32], tolerance: 2
  ) { $0[0].rotated(cosines: $0[1], sines: $0[2]) }
  table.row(
    "rotary/interleaved", inputs,
    torch: "torch.stack([a[..., ::2] * b - a[..., 1::2] * c, a[..., 1::2] * b + a[..., ::2] * c], -1).flatten(-2)",
    dtypes: [.float64, .float32], tolerance: 2
  ) { $0[0].rotated(cosines: $0[1], sines: $0[2], pairing: .interleaved) }
  table.row(
    "rotary/tables with offset, part of the width", [.plain(2, 3, 6)],
    torch: """
      (lambda t: torch.cat([a[..., :2] * t.cos() - a[..., 2:4] * t.sin(), a[..., 2:4] * t.cos() + a[..., :2] * t.sin(), \
      a[..., 4:]], -1))(torch.outer(torch.arange(5.0, 8.0).double(), torch.tensor([1.0, 0.01], dtype=torch.float64)))
      """, tolerance: 2
  ) {
    let tables = Tensor.rotaryTables(3, width: 4, offset: 5, dtype: $0[0].dtype)
    return $0[0].rotated(cosines: tables.cosines, sines: tables.sines)
  }
  table.row("rotary/empty", [.plain(0, 3, 4)], torch: "a * 1") {
    let tables = Tensor.rotaryTables(3, width: 4, dtype: $0[0].dtype)
    return $0[0].rotated(cosines: tables.cosines, sines: tables.sines)
  }
  table.row(
    "sinusoidal_positions", [.plain(3, 4)],
    torch: """
      a + (lambda t: torch.stack([t.sin(), t.cos()], -1).flatten(-2))(torch.outer(torch.arange(2.0, 5.0).double(), \
      torch.tensor([1.0, 0.01], dtype=torch.float64)))
      """, tolerance: 2
  ) { $0[0] + Tensor.sinusoidalPositions(3, width: 4, offset: 2, dtype: $0[0].dtype) }
}
