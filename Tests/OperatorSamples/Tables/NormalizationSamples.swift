import DeepSeekOperators
import DeepSeekTensor

/// Normalizations over an axis.
func addNormalizationSamples(to table: inout SampleTable) {
  table.row("softmax", [.plain(3, 5)], torch: "a.softmax(-1)", tolerance: 2) { $0[0].softmax() }
  table.row("softmax/inner axis", [.plain(3, 5, 2)], torch: "a.softmax(1)", tolerance: 2) { $0[0].softmax(axis: 1) }
  table.row("softmax/empty", [.plain(0, 5)], torch: "a.softmax(-1)") { $0[0].softmax() }
  let large = SampleInput([2, 3], .fixed([1000, 1001, 999, -.infinity, 0, 1]), isDifferentiable: false)
  table.row("softmax/large", [large], torch: "a.softmax(-1)", dtypes: [.float64, .float32]) { $0[0].softmax() }
  table.row("log_softmax", [.plain(3, 5)], torch: "a.log_softmax(-1)", tolerance: 2) { $0[0].logSoftmax() }
  table.row("log_softmax/axis 0", [.plain(3, 5)], torch: "a.log_softmax(0)", tolerance: 2) { $0[0].logSoftmax(axis: 0) }
  table.row("layer_norm", [.plain(2, 3, 8), .plain(8), .plain(8)], torch: "F.layer_norm(a, (8,), b, c)", tolerance: 8) {
    $0[0].layerNorm(weight: $0[1], bias: $0[2])
  }
  table.row("layer_norm/plain", [.plain(3, 6)], torch: "F.layer_norm(a, (6,), eps=1e-3)", tolerance: 8) {
    $0[0].layerNorm(epsilon: 1e-3)
  }
  table.row("layer_norm/empty", [.plain(0, 6)], torch: "F.layer_norm(a, (6,))", derivatives: 1) { $0[0].layerNorm() }
  table.row("rms_norm", [.plain(2, 3, 8), .plain(8)], torch: "F.rms_norm(a, (8,), b, 1e-6)", tolerance: 8) {
    $0[0].rmsNorm(weight: $0[1])
  }
}
