public import DeepSeekTensor

/// A pretrained model that reads token ids.
public protocol TextModel: PretrainedModel {
  /// The model's output for token ids `[batch, sequence]`. The mask `[batch, sequence]` is non-zero where a token counts, all
  /// do when it is left out; segments `[batch, sequence]` are zero when left out, and unused by families without them.
  func callAsFunction(_ ids: Tensor, attentionMask: Tensor?, typeIDs: Tensor?) -> Tensor
}

extension TextModel {
  /// The output for sequences without padding and segments.
  public func callAsFunction(_ ids: Tensor) -> Tensor { self(ids, attentionMask: nil, typeIDs: nil) }

  /// The output for sequences without segments.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor?) -> Tensor {
    self(ids, attentionMask: attentionMask, typeIDs: nil)
  }

  /// The output for a padded batch of encodings.
  public func callAsFunction(_ batch: TokenBatch) -> Tensor {
    self(batch.ids, attentionMask: batch.attentionMask, typeIDs: batch.typeIDs)
  }

  /// Width of the hidden states.
  public var hiddenSize: Int { configuration.hiddenSize }
  /// The longest sequence.
  public var maximumLength: Int { configuration.maximumLength }
}

/// A bare model, which makes hidden states `[batch, sequence, hidden]` of token ids: what heads are put on.
public protocol TextEncoder: TextModel {}
