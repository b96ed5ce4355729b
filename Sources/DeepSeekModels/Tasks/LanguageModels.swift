import DeepSeekDynamic
public import DeepSeekOperators
public import DeepSeekTensor

/// Fills in masked tokens: logits `[batch, sequence, vocabulary]`, labels `[batch, sequence]`, -100 where nothing was masked.
public protocol MaskedLanguageModel: TaskModel {}

extension MaskedLanguageModel {
  /// Cross-entropy over the tokens whose label is not -100.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)(logits.raisedToFloat32, labels)
  }
}

/// Continues a text: logits `[batch, sequence, vocabulary]` of each place's next token. Labels `[batch, sequence]` are the ids
/// themselves, -100 where none is to be learned; the loss compares each place with the label after it.
public protocol CausalLanguageModel: TaskModel {}

extension CausalLanguageModel {
  /// Cross-entropy of each place's logits and the next place's label, over those that are not -100.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    let last = logits.shape[1] - 1
    return CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)(
      logits.sliced(1, 0..<last).raisedToFloat32, labels.sliced(1, 1..<(last + 1)))
  }
}
