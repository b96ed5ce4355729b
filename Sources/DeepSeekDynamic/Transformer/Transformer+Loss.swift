import DeepSeekOperators
public import DeepSeekTensor

extension Transformer {
  /// A label that no loss counts, as in PyTorch.
  public static let ignoredLabel = -100

  /// The mean cross-entropy of the next token of a decoder, over token ids `[batch, sequence]`; padding counts nothing.
  public func loss(_ ids: Tensor, mask: Tensor? = nil, labelSmoothing: Double = 0) -> Tensor {
    if decoderOnly == nil {
      fatalError("Transformer: the next token is a decoder's loss; give labels, or a source and a target")
    }
    let logits = self(Transformer.withoutLast(ids), mask: mask.map(Transformer.withoutLast))
    return loss(logits, Transformer.withoutFirst(ids), mask.map(Transformer.withoutFirst), labelSmoothing)
  }

  /// The mean cross-entropy of labels `[batch, sequence]` at their own positions, such as those of masked tokens;
  /// ``ignoredLabel`` counts nothing.
  public func loss(_ ids: Tensor, labels: Tensor, mask: Tensor? = nil, labelSmoothing: Double = 0) -> Tensor {
    self(ids, mask: mask).crossEntropy(
      labels, labelSmoothing: labelSmoothing, ignoreIndex: Transformer.ignoredLabel)
  }

  /// The mean cross-entropy of the target's next token, given the source and the target before it (teacher forcing);
  /// padding counts nothing. Targets begin with a token that starts them.
  public func loss(
    source: Tensor, target: Tensor, sourceMask: Tensor? = nil, targetMask: Tensor? = nil, labelSmoothing: Double = 0
  ) -> Tensor {
    let logits = self(
      source: source, target: Transformer.withoutLast(target), sourceMask: sourceMask,
      targetMask: targetMask.map(Transformer.withoutLast))
    return loss(logits, Transformer.withoutFirst(target), targetMask.map(Transformer.withoutFirst), labelSmoothing)
  }

  private func loss(_ logits: Tensor, _ labels: Tensor, _ mask: Tensor?, _ labelSmoothing: Double) -> Tensor {
    if configuration.head == .none { fatalError("Transformer: a loss over tokens needs a head") }
    var labels = labels
    if let mask {
      let ignored = Tensor.full([], Transformer.ignoredLabel, dtype: labels.dtype)
      labels = Tensor.select(mask.notEqual(to: 0), labels, ignored)
    }
    let ignored = mask == nil ? configuration.padTokenID ?? Transformer.ignoredLabel : Transformer.ignoredLabel
    return logits.crossEntropy(labels, labelSmoothing: labelSmoothing, ignoreIndex: ignored)
  }

  private static func withoutLast(_ ids: Tensor) -> Tensor { ids.sliced(1, 0..<(ids.shape[1] - 1)) }
  private static func withoutFirst(_ ids: Tensor) -> Tensor { ids.sliced(1, 1..<ids.shape[1]) }
}
