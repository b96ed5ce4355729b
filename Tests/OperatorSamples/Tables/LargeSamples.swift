import DeepSeekOperators
import DeepSeekTensor

/// Rows large enough for several threads and for every tail of a vector loop; `float64` is their reference.
func addLargeSamples(to table: inout SampleTable) {
  let wide = SampleInput([67, 1031], isDifferentiable: false)
  let exact: [DType] = [.float64, .float32]
  table.row("large/exp", [wide], dtypes: exact) { $0[0].exp() }
  table.row("large/gelu", [wide], dtypes: exact) { $0[0].gelu() }
  table.row("large/multiply", [wide, SampleInput([1031], isDifferentiable: false)], dtypes: exact) { $0[0] * $0[1] }
  table.row("large/reduce_sum", [wide], dtypes: exact, tolerance: 64) { $0[0].sum() }
  table.row("large/reduce_sum, rows", [wide], dtypes: exact, tolerance: 8) { $0[0].sum(axis: 1) }
  table.row("large/reduce_sum, columns", [wide], dtypes: exact, tolerance: 8) { $0[0].sum(axis: 0) }
  table.row("large/reduce_max", [wide], dtypes: exact) { $0[0].max(axis: 1) }
  table.row("large/argmax", [wide], dtypes: exact) { $0[0].argmax(axis: 1) }
  table.row("large/cumulative_sum", [wide], dtypes: exact, tolerance: 64) { $0[0].cumulativeSum(axis: 1) }
  table.row("large/softmax", [wide], dtypes: exact, tolerance: 4) { $0[0].softmax() }
  table.row("large/layer_norm", [wide], dtypes: exact, tolerance: 8) { $0[0].layerNorm() }
  table.row("large/transpose", [wide], dtypes: exact) { $0[0].transposed() * 1.0 }
  let (a, b) = (SampleInput([131, 97], isDifferentiable: false), SampleInput([97, 203], isDifferentiable: false))
  table.row("large/matmul", [a, b], dtypes: exact, tolerance: 8) { $0[0].matmul($0[1]) }
  table.row("large/linear", [a, SampleInput([203, 97], isDifferentiable: false)], dtypes: exact, tolerance: 8) {
    $0[0].linear($0[1], activation: .gelu)
  }
  let heads = SampleInput([2, 3, 77, 16], isDifferentiable: false)
  table.row("large/attention", [heads, heads, heads], dtypes: exact, tolerance: 16) {
    Tensor.attention(query: $0[0], key: $0[1], value: $0[2], isCausal: true)
  }
}
