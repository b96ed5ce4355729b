import DeepSeekDynamic
public import DeepSeekOperators
public import DeepSeekTensor

/// Finds the answer's span in a text: logits `[batch, sequence, 2]` of its first and last token, labels `[batch, 2]`.
public protocol QuestionAnswerer: TaskModel {}

extension QuestionAnswerer {
  /// The logits `[batch, sequence]` of the first and of the last token.
  public func spans(_ logits: Tensor) -> (start: Tensor, end: Tensor) {
    (logits.selected(2, 0), logits.selected(2, 1))
  }

  /// Half the sum of both ends' cross-entropy. An end beyond the sequence, which was cut off, counts nothing.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    let length = logits.shape[1]
    let measure = CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)
    let ignored = Tensor.full([], measure.ignoreIndex, dtype: labels.dtype)
    let places = Tensor.select(labels.less(than: Double(length)), labels.maximum(0), ignored)
    let (start, end) = spans(logits.raisedToFloat32)
    return (measure(start, places.selected(1, 0)) + measure(end, places.selected(1, 1))) * 0.5
  }
}
