import DeepSeekOperators
import DeepSeekTensor

/// NumPy's indexing, reading and writing.
func addSubscriptSamples(to table: inout SampleTable) {
  let x = SampleInput([3, 4, 5])
  table.row("subscript/index", [x], torch: "a[1]") { $0[0][1] }
  table.row("subscript/indices", [x], torch: "a[-1, 2, -3]") { $0[0][-1, 2, -3] }
  table.row("subscript/ranges", [x], torch: "a[1:3, 1:, :4]") { $0[0][1..<3, 1..., ..<4] }
  table.row("subscript/negative ends", [x], torch: "a[-2:, :-1, 1:-1]") { $0[0][(-2)..., ..<(-1), .range(1, -1)] }
  table.row("subscript/closed range", [x], torch: "a[0:2, :3]") { $0[0][0...1, ...2] }
  table.row("subscript/cut at the end", [x], torch: "a[1:99, 7:9]") { $0[0][1..<99, 7..<9] }
  table.row("subscript/steps", [x], torch: "a[::2, 1::2]") { $0[0][.range(by: 2), .range(1, by: 2)] }
  let backwards = "torch.from_numpy(np.arange(60).reshape(3, 4, 5)[::-1, 3:0:-2].copy())"
  table.row("subscript/backwards", [x], torch: "a.flatten()[\(backwards)]") {
    $0[0][.range(by: -1), .range(3, 0, by: -2)]
  }
  table.row("subscript/ellipsis", [x], torch: "a[..., 1]") { $0[0][.ellipsis, 1] }
  table.row("subscript/new axis", [x], torch: "a[None, 1, ..., None]") { $0[0][.newAxis, 1, .ellipsis, .newAxis] }
  addTensorSubscripts(to: &table, x)
  addUpdates(to: &table, x)
}

private func addTensorSubscripts(to table: inout SampleTable, _ x: SampleInput) {
  let rows = SampleInput([2, 3], .fixed([0, 2, -1, 1, 1, 0]), dtype: .int64)
  let columns = SampleInput([3], .fixed([3, 0, -2]), dtype: .int64)
  table.row("subscript/tensor", [x, rows], torch: "a[b]") { $0[0][$0[1]] }
  table.row("subscript/tensor in the middle", [x, rows], torch: "a[:, b]") { $0[0][.all, $0[1]] }
  table.row("subscript/tensors", [x, rows, columns], torch: "a[b, c]") { $0[0][$0[1], $0[2]] }
  table.row("subscript/tensors at the end", [x, rows, columns], torch: "a[:, b, c]") { $0[0][.all, $0[1], $0[2]] }
  table.row("subscript/tensors apart", [x, rows, columns], torch: "a[b, :, c]") { $0[0][$0[1], .all, $0[2]] }
  table.row("subscript/tensor and index", [x, columns], torch: "a[[1], :, b]") { $0[0][1, .all, $0[1]] }
  table.row("subscript/tensor and slice", [x, columns], torch: "a[1:, b, ::2]") {
    $0[0][1..., $0[1], .range(by: 2)]
  }
  table.row("subscript/list", [x], torch: "a[[2, 0]]") { $0[0][[2, 0]] }
  let mask = SampleInput([3, 4], .fixed([1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1]), dtype: .bool)
  let full = SampleInput([3, 4, 5], .integers(0..<2), dtype: .bool)
  table.row("subscript/mask", [x, full], torch: "a[b]", captures: false, covers: [MaskedSelectOperator.self]) {
    $0[0][$0[1]]
  }
  table.row("subscript/mask of some axes", [x, mask], torch: "a[b]", captures: false, covers: [NonzeroOperator.self]) {
    $0[0][$0[1]]
  }
  table.row("subscript/mask and slice", [.plain(5, 3, 4), mask], torch: "a[1:3, b]", captures: false) {
    $0[0][1..<3, $0[1]]
  }
}

/// A functional form of PyTorch's assignment, for the references.
private func assigned(_ place: String, _ value: String) -> String {
  "(lambda y: (y.__setitem__(\(place), \(value)), y)[1])(a.clone())"
}

private func addUpdates(to table: inout SampleTable, _ x: SampleInput) {
  func update(
    _ name: String, _ inputs: [SampleInput], _ place: String, captures: Bool = true,
    _ change: @escaping @Sendable (inout Tensor, [Tensor]) -> Void
  ) {
    table.row("subscript/set \(name)", inputs, torch: assigned(place, "b"), captures: captures) { inputs in
      var result = inputs[0]
      change(&result, inputs)
      return result
    }
  }
  update("index", [x, .plain(4, 5)], "1") { $0[1] = $1[1] }
  update("scalar", [x, SampleInput([])], "(slice(1, 3), Ellipsis, 2)") { $0[1..<3, .ellipsis, 2] = $1[1] }
  update("broadcast", [x, .plain(5)], "(slice(None), slice(0, 4, 2))") { $0[.all, .range(by: 2)] = $1[1] }
  update("new axis", [x, .plain(1, 4, 5)], "(None, 0)") { $0[.newAxis, 0] = $1[1] }
  let rows = SampleInput([2], .fixed([2, 0]), dtype: .int64)
  update("tensor", [x, .plain(2, 4, 5), rows], "c") { $0[$1[2]] = $1[1] }
  update("tensors", [x, .plain(2), rows], "(slice(None), c, c)") { $0[.all, $1[2], $1[2]] = $1[1] }
  let mask = SampleInput([3, 4], .fixed([1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1]), dtype: .bool)
  update("mask", [x, .plain(5), mask], "c", captures: false) { $0[$1[2]] = $1[1] }
  let full = SampleInput([3, 4, 5], .integers(0..<2), dtype: .bool)
  update("mask, scalar", [x, SampleInput([]), full], "c") { $0[$1[2]] = $1[1] }
}
