import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

extension Embedding {
  /// The rows of `count` places behind the first `offset`, of a table with a row for each place: `[count, width]`.
  func places(_ count: Dimension, behind offset: Int) -> Tensor {
    if offset == 0 { return prefix(count) }
    return prefix(count + Dimension(offset)).sliced(0, start: Dimension(offset), count: count)
  }
}
