public import DeepSeekOperators
public import DeepSeekTensor

/// A text model with a head for a task, whose output is logits, and its loss.
public protocol TaskModel: TextModel {
  /// The loss of logits against labels, as transformers computes it. What labels are, the task's protocol says; -100 among
  /// class numbers counts nothing. A reduction of `none` gives the terms of the mean.
  func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor
}

extension TaskModel {
  /// The mean loss.
  public func loss(_ logits: Tensor, labels: Tensor) -> Tensor {
    loss(logits, labels: labels, labelSmoothing: 0, reduction: .mean)
  }

  /// The mean loss and the logits.
  public func callAsFunction(
    _ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil, labels: Tensor
  ) -> (loss: Tensor, logits: Tensor) {
    let logits = self(ids, attentionMask: attentionMask, typeIDs: typeIDs)
    return (loss(logits, labels: labels), logits)
  }

  /// The mean loss and the logits of a padded batch of encodings.
  public func callAsFunction(_ batch: TokenBatch, labels: Tensor) -> (loss: Tensor, logits: Tensor) {
    self(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs, labels: labels)
  }
}
