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
}
