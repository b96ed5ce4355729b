public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// BERT with a classifier over the pooled first token.
public final class BertForSequenceClassification: Module {
  /// The encoder.
  public let bert: BertModel
  let dropout: Dropout
  let classifier: Linear

  /// A model with fresh weights from the current ``RandomGenerator``.
  public init(_ configuration: BertConfiguration) {
    bert = BertModel(configuration)
    dropout = Dropout(configuration.hiddenDropout)
    classifier = .bert(configuration.hiddenSize, configuration.labelCount, configuration.initializerRange)
  }

  /// Logits `[batch, labels]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    let states = bert(ids, attentionMask: attentionMask, typeIDs: typeIDs)
    guard let pooler = bert.pooler else { fatalError("BertForSequenceClassification: its encoder has no pooler") }
    return classifier(dropout(pooler(states)))
  }
}
