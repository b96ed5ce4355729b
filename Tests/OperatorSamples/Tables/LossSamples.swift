import DeepSeekOperators
import DeepSeekTensor

/// Losses.
func addLossSamples(to table: inout SampleTable) {
  let targets = SampleInput([4], .fixed([2, 0, -100, 4]), dtype: .int64)
  table.row("cross_entropy", [.plain(4, 5), targets], torch: "F.cross_entropy(a, b)", tolerance: 4, widensHalves: true)
  {
    $0[0].crossEntropy($0[1])
  }
  table.row(
    "cross_entropy/smoothed", [.plain(4, 5), targets],
    torch: "F.cross_entropy(a, b, label_smoothing=0.125)", tolerance: 4, widensHalves: true
  ) { $0[0].crossEntropy($0[1], labelSmoothing: 0.125) }
  table.row(
    "cross_entropy/each", [.plain(2, 3, 5), .integers(0..<5, 2, 3)],
    torch: "F.cross_entropy(a.reshape(6, 5), b.reshape(6), reduction='none').reshape(2, 3)", tolerance: 4,
    widensHalves: true
  ) { $0[0].crossEntropy($0[1], reduction: .none) }
  table.row(
    "cross_entropy/sum, ignored class", [.plain(6, 5), .integers(0..<5, 6)],
    torch: "F.cross_entropy(a, b, ignore_index=3, reduction='sum')", tolerance: 4, widensHalves: true
  ) { $0[0].crossEntropy($0[1], ignoreIndex: 3, reduction: .sum) }
}
