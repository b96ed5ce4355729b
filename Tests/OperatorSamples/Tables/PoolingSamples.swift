import DeepSeekOperators
import DeepSeekTensor

/// Pooling, resizing and pixel shuffles.
func addPoolingSamples(to table: inout SampleTable) {
  table.rows(
    "max_pool/1d with indices", [.distinct(2, 3, 7)],
    torch: "F.max_pool1d(a, 3, 2, 1, return_indices=True)"
  ) {
    let result = $0[0].maxPoolWithIndices(kernel: 3, stride: 2, padding: 1)
    return [result.values, result.indices]
  }
  table.row(
    "max_pool/2d", [.distinct(1, 2, 6, 5)], torch: "F.max_pool2d(a, (2, 3), (2, 1), (1, 1), (1, 2), ceil_mode=True)"
  ) { $0[0].maxPool(kernel: [2, 3], stride: [2, 1], padding: [1, 1], dilation: [1, 2], ceiling: true) }
  table.row("max_pool/3d", [.distinct(1, 2, 3, 4, 3)], torch: "F.max_pool3d(a, 2, 1)") {
    $0[0].maxPool(kernel: 2, stride: 1)
  }
  table.row("max_pool/adaptive", [.distinct(2, 2, 5, 7)], torch: "F.adaptive_max_pool2d(a, (2, 3))") {
    $0[0].adaptiveMaxPool([2, 3])
  }
  table.row("max_pool/no batch", [.plain(0, 2, 4)], torch: "F.max_pool1d(a, 2)") { $0[0].maxPool(kernel: 2) }
  table.row(
    "average_pool/1d", [.plain(2, 3, 7)], torch: "F.avg_pool1d(a, 3, 2, 1, ceil_mode=True)", tolerance: 2
  ) { $0[0].averagePool(kernel: 3, stride: 2, padding: 1, ceiling: true) }
  table.row(
    "average_pool/2d", [.plain(1, 2, 6, 5)], torch: "F.avg_pool2d(a, (2, 3), (2, 1), 1, count_include_pad=False)",
    tolerance: 2
  ) { $0[0].averagePool(kernel: [2, 3], stride: [2, 1], padding: 1, includesPadding: false) }
  table.row("average_pool/3d", [.plain(1, 2, 3, 4, 3)], torch: "F.avg_pool3d(a, 2, 1)", tolerance: 2) {
    $0[0].averagePool(kernel: 2, stride: 1)
  }
  table.row("average_pool/adaptive", [.plain(2, 2, 5, 7)], torch: "F.adaptive_avg_pool2d(a, (2, 3))", tolerance: 2) {
    $0[0].adaptiveAveragePool([2, 3])
  }
  table.row("average_pool/no batch", [.plain(0, 2, 4)], torch: "F.avg_pool1d(a, 2)") { $0[0].averagePool(kernel: 2) }
  table.row("global_average_pool", [.plain(2, 3, 4, 5)], torch: "a.mean((2, 3))", tolerance: 2) {
    $0[0].globalAveragePool()
  }
  table.row("global_max_pool", [.distinct(2, 3, 4, 5)], torch: "a.amax((2, 3))") { $0[0].globalMaxPool() }
  table.row("lp_pool", [.positive(2, 2, 6)], torch: "F.lp_pool1d(a, 3.0, 2, 2)", tolerance: 8) {
    $0[0].lpPool(power: 3, kernel: 2)
  }
  table.row(
    "resize/bilinear", [.plain(1, 2, 3, 4)], torch: "F.interpolate(a, size=(5, 7), mode='bilinear')", tolerance: 2,
    covers: [ResizeGradientOperator.self]
  ) { $0[0].resized(to: [5, 7]) }
  table.row(
    "resize/bilinear, corners aligned", [.plain(1, 2, 3, 4)],
    torch: "F.interpolate(a, size=(5, 2), mode='bilinear', align_corners=True)", tolerance: 2
  ) { $0[0].resized(to: [5, 2], coordinates: .alignCorners) }
  table.row("resize/linear", [.plain(2, 2, 5)], torch: "F.interpolate(a, size=8, mode='linear')", tolerance: 2) {
    $0[0].resized(to: [8])
  }
  table.row(
    "resize/trilinear", [.plain(1, 1, 2, 3, 2)], torch: "F.interpolate(a, size=(3, 4, 5), mode='trilinear')",
    tolerance: 2
  ) { $0[0].resized(to: [3, 4, 5]) }
  table.row("resize/nearest", [.plain(1, 2, 3, 4)], torch: "F.interpolate(a, size=(5, 7), mode='nearest')") {
    $0[0].resized(to: [5, 7], mode: .nearestFloor, coordinates: .asymmetric)
  }
  table.row("resize/nearest exact", [.plain(1, 2, 5, 4)], torch: "F.interpolate(a, size=(3, 7), mode='nearest-exact')")
  {
    $0[0].resized(to: [3, 7], mode: .nearestHalfUp, coordinates: .halfPixel)
  }
  table.row("pixel_shuffle", [.plain(1, 8, 2, 3)], torch: "F.pixel_shuffle(a, 2)") { $0[0].pixelShuffled(2) }
  table.row("pixel_unshuffle", [.plain(1, 2, 4, 6)], torch: "F.pixel_unshuffle(a, 2)") { $0[0].pixelUnshuffled(2) }
}
