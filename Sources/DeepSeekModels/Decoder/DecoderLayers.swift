import DeepSeekOperators
import DeepSeekTensor

extension Tensor {
  /// Of token ids `[batch, sequence]` the number of each place in its row, from 1 on, in `int64`.
  var ordinals: Tensor { Tensor.ones(like: self).cast(to: .int64).cumulativeSum(axis: 1) }

  /// `[batch, sequence, heads · width]` as `[batch, heads, sequence, width]`, without moving an element.
  func heads(width: Int) -> Tensor {
    reshaped([dimension(0), dimension(1), Dimension(shape[2] / width), Dimension(width)]).swappedAxes(1, 2)
  }

  /// `[batch, heads, sequence, width]` as `[batch, sequence, heads · width]`.
  func joiningHeads() -> Tensor {
    swappedAxes(1, 2).reshaped([dimension(0), dimension(2), Dimension(shape[1] * shape[3])])
  }
}
