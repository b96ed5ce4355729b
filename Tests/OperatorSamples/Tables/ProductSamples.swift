import DeepSeekOperators
import DeepSeekTensor

/// Products of matrices and linear layers.
func addProductSamples(to table: inout SampleTable) {
  let shapes: [(String, [Int], [Int])] = [
    ("", [3, 4], [4, 5]), ("/vectors", [6], [6]), ("/row", [4], [4, 3]), ("/column", [3, 4], [4]),
    ("/batched", [2, 3, 4], [2, 4, 2]), ("/shared right", [2, 3, 4], [4, 2]),
    ("/broadcast", [2, 1, 2, 3], [3, 3, 2]), ("/empty inner", [2, 0], [0, 3]), ("/empty", [0, 2], [2, 3]),
  ]
  for (suffix, a, b) in shapes {
    table.row("matmul" + suffix, [SampleInput(a), SampleInput(b)], torch: "a @ b", tolerance: 2) {
      $0[0].matmul($0[1])
    }
  }
  table.row("matmul/transposed", [.plain(4, 3), .plain(5, 4)], torch: "a.t() @ b.t()", tolerance: 2) {
    $0[0].transposed().matmul($0[1].transposed())
  }
  table.row("linear", [.plain(2, 3, 4), .plain(5, 4), .plain(5)], torch: "F.linear(a, b, c)", tolerance: 2) {
    $0[0].linear($0[1], bias: $0[2])
  }
  table.row("linear/without bias", [.plain(3, 4), .plain(5, 4)], torch: "F.linear(a, b)", tolerance: 2) {
    $0[0].linear($0[1])
  }
  let activations: [(Activation, String)] = [
    (.relu, "F.relu(y)"), (.gelu, "F.gelu(y)"), (.geluTanh, "F.gelu(y, approximate='tanh')"), (.silu, "F.silu(y)"),
    (.tanh, "y.tanh()"), (.sigmoid, "y.sigmoid()"),
  ]
  for (activation, expression) in activations {
    let torch = "(lambda y: \(expression))(F.linear(a, b, c))"
    table.row("linear/\(activation)", [.plain(3, 4), .plain(5, 4), .plain(5)], torch: torch, tolerance: 4) {
      $0[0].linear($0[1], bias: $0[2], activation: activation)
    }
    table.row("linear/fused \(activation)", [.plain(3, 4), .plain(5, 4), .plain(5)], torch: torch, tolerance: 4) {
      apply(LinearOperator(activation), $0)[0]
    }
  }
  addEinsumSamples(to: &table)
  addQuantizedSamples(to: &table)
}

/// Products with weights in few bits: both widths, by rows and by groups, with and without zero points, bias and activation.
private func addQuantizedSamples(to table: inout SampleTable) {
  let forms: [(String, QuantizedInput)] = [
    ("", .unquantized), ("/dynamic", .dynamic), ("/fixed", .fixed(scale: 0.0125, zeroPoint: 120)),
  ]
  for bits in [8, 4] {
    for (suffix, input) in forms {
      for groupSize in [nil, 32] {
        for isFull in [false, true] {
          let operation = QuantizedLinearOperator(
            weightBits: bits, groupSize: groupSize, input: input, hasZeroPoints: isFull, hasBias: isFull,
            activation: isFull ? .gelu : .none)
          let groups = groupSize == nil ? [5] : [5, 2]
          let (least, most) = bits == 8 ? (-128, 128) : (0, 256)
          let stored: DType = bits == 8 ? .int8 : .uint8
          var inputs = [
            SampleInput([2, 3, 64]), SampleInput([5, bits * 8], .integers(least..<most), dtype: stored),
            SampleInput(groups, .fixed((0..<10).map { Double($0 % 7 + 3) / 256 }), dtype: .float32),
          ]
          if isFull {
            inputs.append(SampleInput(groups, .integers(bits == 8 ? -9..<9 : 0..<16), dtype: stored))
            inputs.append(SampleInput([5], dtype: .float32))
          }
          let marks = [suffix, groupSize == nil ? "" : "/groups", isFull ? "/gelu" : ""].joined()
          let name = "quantized linear/\(bits) bits" + marks
          table.row(
            name, inputs, dtypes: input == .unquantized ? SampleTable.floats : [.float64, .float32],
            derivatives: input == .unquantized ? 1 : 0, tolerance: 8, stepError: input == .dynamic ? 1e-2 : nil
          ) { apply(operation, $0)[0] }
        }
      }
    }
  }
}

private func addEinsumSamples(to table: inout SampleTable) {
  let equations: [(String, [[Int]])] = [
    ("ij,jk->ik", [[2, 3], [3, 4]]), ("bij,bjk->bik", [[2, 2, 3], [2, 3, 4]]), ("ij->ji", [[2, 3]]),
    ("ii->i", [[3, 3]]), ("ii", [[3, 3]]), ("ij->", [[2, 3]]), ("i,j->ij", [[3], [2]]), ("i,i", [[4], [4]]),
    ("ij,jk", [[2, 3], [3, 4]]), ("...ij,...jk->...ik", [[2, 1, 2, 3], [4, 3, 2]]),
    ("bqhd,bkhd->bhqk", [[2, 3, 2, 4], [2, 5, 2, 4]]), ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 2]]),
    ("ijk,ij->k", [[2, 3, 4], [2, 3]]), ("ba,c->cab", [[2, 3], [2]]), ("i,ijj->ij", [[2], [2, 3, 3]]),
  ]
  for (equation, shapes) in equations {
    let names = ["a", "b", "c"].prefix(shapes.count).joined(separator: ", ")
    table.row(
      "einsum/\(equation)", shapes.map { SampleInput($0) }, torch: "torch.einsum('\(equation)', \(names))", tolerance: 4
    ) { Tensor.einsum(equation, $0) }
  }
  table.row("einsum/empty", [.plain(2, 0), .plain(0, 3)], torch: "torch.einsum('ij,jk->ik', a, b)") {
    Tensor.einsum("ij,jk->ik", $0[0], $0[1])
  }
  table.row("outer", [.plain(3), .plain(2)], torch: "torch.outer(a, b)") { $0[0].outer($0[1]) }
  table.row("inner", [.plain(2, 3), .plain(4, 3)], torch: "torch.inner(a, b)", tolerance: 2) { $0[0].inner($0[1]) }
  table.row("tensordot", [.plain(2, 3, 4), .plain(3, 4, 2)], torch: "torch.tensordot(a, b, 2)", tolerance: 4) {
    $0[0].tensorDot($0[1])
  }
  table.row(
    "tensordot/axes", [.plain(2, 3, 4), .plain(4, 5, 2)], torch: "torch.tensordot(a, b, ([2, 0], [0, 2]))",
    tolerance: 4
  ) { $0[0].tensorDot($0[1], axes: ([2, 0], [0, 2])) }
  addPackedSamples(to: &table)
}
