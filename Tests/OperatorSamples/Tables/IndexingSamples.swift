import DeepSeekOperators
import DeepSeekTensor

/// Reading and writing by index.
func addIndexingSamples(to table: inout SampleTable) {
  table.row("embedding", [.plain(7, 3), .integers(0..<7, 2, 4)], torch: "F.embedding(b, a)") {
    Tensor.embedding($0[0], $0[1])
  }
  table.row("embedding/padding", [.plain(5, 3), .integers(0..<5, 9, dtype: .int32)],
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
  let reductions: [(ScatterOperator.Mode, String)] = [(.multiply, "prod"), (.max, "amax"), (.min, "amin")]
  for (mode, name) in reductions {
    table.row("scatter_\(mode)", [.plain(3, 5), .integers(0..<5, 3, 4), .plain(3, 4)],
      torch: "a.scatter_reduce(1, b, c, '\(name)')", derivatives: 0
    ) { $0[0].scatter(axis: 1, $0[1], $0[2], mode: mode) }
  }
}
