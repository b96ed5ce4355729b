import DeepSeekOperators
import DeepSeekTensor

/// Normalizations by channel, and the fused residual forms.
func addChannelNormalizationSamples(to table: inout SampleTable) {
  table.row(
    "batch_norm", [.plain(4, 3, 5), .plain(3), .plain(3)], torch: "F.batch_norm(a, None, None, b, c, True)",
    tolerance: 8
  ) { $0[0].batchNorm(weight: $0[1], bias: $0[2]).output }
  table.row(
    "batch_norm/images", [.plain(2, 3, 4, 3)], torch: "F.batch_norm(a, None, None, None, None, True, 0.1, 1e-3)",
    tolerance: 8
  ) {
    $0[0].batchNorm(epsilon: 1e-3).output
  }
  table.rows(
    "batch_norm/statistics", [.plain(4, 3, 5)], torch: "[a.mean((0, 2)), a.var((0, 2), correction=0)]",
    dtypes: [.float64, .float32], derivatives: 0,
    tolerance: 4
  ) {
    let result = $0[0].batchNorm()
    return [result.mean, result.variance]
  }
  table.row(
    "batch_norm/inference", [.plain(4, 3, 5), .plain(3), .plain(3), .plain(3), .positive(3)],
    torch: "F.batch_norm(a, d, e, b, c, False)", dtypes: [.float64, .float32], derivatives: 0, tolerance: 8
  ) { $0[0].batchNorm(mean: $0[3], variance: $0[4], weight: $0[1], bias: $0[2]) }
  table.row(
    "batch_norm/inference, constant statistics", [.plain(4, 3, 2, 2), .plain(3), .plain(3)],
    torch: "F.batch_norm(a, torch.arange(3.0).double(), torch.arange(1.0, 4.0).double(), b, c, False)", tolerance: 8
  ) {
    let type: DType = $0[0].dtype == .float64 ? .float64 : .float32
    return $0[0].batchNorm(
      mean: Tensor.arange(0, 3, dtype: type), variance: Tensor.arange(1, 4, dtype: type), weight: $0[1], bias: $0[2])
  }
  table.row(
    "batch_norm/inference, differentiated statistics", [.plain(4, 3, 5), .plain(3), .positive(3)],
    torch: "(a - b[:, None]) / torch.sqrt(c[:, None] + 1e-5)", dtypes: [.float64, .float32], tolerance: 8
  ) { $0[0].batchNorm(mean: $0[1], variance: $0[2]) }
  table.row(
    "group_norm", [.plain(2, 6, 3), .plain(6), .plain(6)], torch: "F.group_norm(a, 2, b, c)", tolerance: 8
  ) { $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2]) }
  table.row("group_norm/no batch", [.plain(0, 4, 3)], torch: "F.group_norm(a, 2)", derivatives: 1) {
    $0[0].groupNorm(groups: 2)
  }
  table.row(
    "instance_norm", [.plain(2, 3, 4, 3), .plain(3), .plain(3)], torch: "F.instance_norm(a, None, None, b, c)",
    tolerance: 8
  ) { $0[0].instanceNorm(weight: $0[1], bias: $0[2]) }
  table.rows(
    "add_layer_norm", [.plain(2, 3, 8), .plain(2, 3, 8), .plain(8), .plain(8)],
    torch: "[F.layer_norm(a + b, (8,), c, d), a + b]", tolerance: 8
  ) {
    let result = $0[0].addLayerNorm(residual: $0[1], weight: $0[2], bias: $0[3])
    return [result.normalized, result.sum]
  }
  table.row(
    "add_layer_norm/sum unused", [.plain(2, 8), .plain(2, 8)], torch: "F.layer_norm(a + b, (8,))", tolerance: 8
  ) { $0[0].addLayerNorm(residual: $0[1]).normalized }
  table.row("dropout_add", [.plain(4, 6), .plain(4, 6), .key], covers: [DropoutAddOperator.self]) {
    $0[0].dropoutAdd(0.25, residual: $0[1], key: $0[2])
  }
}
