import DeepSeekOperators
import DeepSeekTensor

/// Random tensors; their values are the framework's own, so the rows test that they depend on the key alone.
func addRandomSamples(to table: inout SampleTable) {
  table.row("random_uniform", [.key]) { Tensor.randomUniform([4, 9], -1, 2, key: $0[0]) }
  table.row("random_normal", [.key]) { Tensor.randomNormal([4, 9], mean: 1, standardDeviation: 2, key: $0[0]) }
  table.row("random_truncated_normal", [.key]) { Tensor.randomTruncatedNormal([4, 9], key: $0[0]) }
  table.row("random_integers", [.key]) { Tensor.randomIntegers([4, 9], -3..<8, key: $0[0]) }
  table.row("random_bernoulli", [.key]) { Tensor.randomBernoulli([4, 9], 0.25, key: $0[0]) }
  table.row("random_permutation", [.key]) { Tensor.randomPermutation(20, key: $0[0]) }
  table.row("random_categorical", [.plain(6, 5), .key], dtypes: [.float64], derivatives: 0) {
    $0[0].randomCategorical(key: $0[1])
  }
  table.row("multinomial", [.positive(4, 6), .key], dtypes: [.float64], derivatives: 0) {
    $0[0].multinomial(3, key: $0[1])
  }
  table.row("multinomial/replacement", [.positive(4, 6), .key], dtypes: [.float64], derivatives: 0) {
    $0[0].multinomial(8, replacement: true, key: $0[1])
  }
  table.row("dropout", [.plain(4, 9), .key]) { $0[0].dropout(0.25, key: $0[1]) }
}
