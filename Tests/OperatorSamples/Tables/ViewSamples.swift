import DeepSeekOperators
import DeepSeekTensor

/// Operators that move no element, or only move elements.
func addViewSamples(to table: inout SampleTable) {
  table.row("reshape", [.plain(3, 4)], torch: "a.reshape(2, -1)") { $0[0].reshaped(2, -1) }
  table.row("reshape/transposed", [.plain(3, 4)], torch: "a.t().reshape(2, 6)") {
    $0[0].transposed().reshaped(2, 6)
  }
  table.row("reshape/empty", [.plain(0, 4)], torch: "a.reshape(2, 0)") { $0[0].reshaped(2, 0) }
  table.row("shape", [.plain(3, 4, 2)], torch: "torch.tensor(a.shape)") { apply(ShapeOperator(), $0[0]) }
  table.row("expand axis", [.plain(3, 4)], torch: "a.unsqueeze(-2)") { $0[0].expanded(-2) }
  table.row("squeeze", [.plain(3, 1, 4, 1)], torch: "a.squeeze()") { $0[0].squeezed() }
  table.row("flatten", [.plain(2, 3, 4)], torch: "a.flatten(1)") { $0[0].flattened(1...2) }
  table.row("transpose", [.plain(2, 3, 4)], torch: "a.permute(2, 0, 1)") { $0[0].transposed([2, 0, 1]) }
  table.row("swap axes", [.plain(2, 3, 4)], torch: "a.transpose(0, -1)") { $0[0].swappedAxes(0, -1) }
  table.row("broadcast", [.plain(3, 1)], torch: "a.expand(2, 3, 4)") { $0[0].broadcast(to: [2, 3, 4]) }
  table.row("slice", [.plain(6, 5)], torch: "a[1:6:2, 0:3]") { $0[0].sliced(0, 1..<6, step: 2).sliced(1, 0..<3) }
  table.row("slice/empty", [.plain(6, 5)], torch: "a[2:2]") { $0[0].sliced(0, 2..<2) }
  table.row("select", [.plain(4, 3)], torch: "a[:, -1]") { $0[0].selected(1, -1) }
  table.row("flip", [.plain(4, 3)], torch: "a.flip(0, 1)") { $0[0].flipped([0, 1]) }
  table.row("concatenate", [.plain(2, 3), .plain(2, 1), .plain(2, 0)], torch: "torch.cat([a, b, c], 1)") {
    Tensor.concatenate([$0[0], $0[1], $0[2]], axis: 1)
  }
  table.row("stack", [.plain(2, 3), .plain(2, 3)], torch: "torch.stack([a, b], -1)") {
    Tensor.stack([$0[0], $0[1]], axis: -1)
  }
  table.rows("split", [.plain(5, 2)], torch: "a.split([2, 0, 3])") { $0[0].split([2, 0, 3]) }
  table.rows("chunk", [.plain(2, 6)], torch: "a.chunk(3, 1)") { $0[0].chunked(3, axis: 1) }
}
