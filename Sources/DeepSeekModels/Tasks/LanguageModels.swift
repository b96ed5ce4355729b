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
public protocol CausalLanguageModel: TaskModel {
  /// Decoder layers: as many as a ``KeyValueCache`` has.
  var layerCount: Int { get }
  /// The token that begins a text; `nil` when there is none.
  var beginTokenID: Int? { get }
  /// The tokens that end a text.
  var endTokenIDs: [Int] { get }
  /// Hidden states `[batch, sequence, hidden]` for token ids `[batch, sequence]`, which come behind those in the cache and are
  /// added to it. The mask `[batch, keys]` counts the tokens in the cache too; positions `[batch, sequence]` are counted from
  /// the first token, padding or not, when left out.
  func hiddenStates(_ ids: Tensor, attentionMask: Tensor?, positions: Tensor?, cache: KeyValueCache?) -> Tensor
  /// Logits `[…, vocabulary]` of hidden states `[…, hidden]`.
  func logits(_ states: Tensor) -> Tensor
}

extension CausalLanguageModel {
  /// Logits of each place's next token; segments are not used.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor?, typeIDs: Tensor?) -> Tensor {
    logits(hiddenStates(ids, attentionMask: attentionMask, positions: nil, cache: nil))
  }

  /// Cross-entropy of each place's logits and the next place's label, over those that are not -100.
  public func loss(_ logits: Tensor, labels: Tensor, labelSmoothing: Double, reduction: Reduction) -> Tensor {
    let last = logits.shape[1] - 1
    return CrossEntropyLoss(labelSmoothing: labelSmoothing, reduction: reduction)(
      logits.sliced(1, 0..<last).raisedToFloat32, labels.sliced(1, 1..<(last + 1)))
  }
}
