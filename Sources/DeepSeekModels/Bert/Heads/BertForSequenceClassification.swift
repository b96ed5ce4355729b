public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// An encoder with a classifier over the first token: logits `[batch, labels]`.
///
/// BERT classifies the pooled state, RoBERTa and its kin have a head with a dense layer and tanh (`classifier.dense`,
/// `classifier.out_proj`), DistilBERT one with a dense layer and ReLU (`pre_classifier`, `classifier`).
public final class BertForSequenceClassification: BertHeaded, SequenceClassifier {
  /// `ForSequenceClassification`.
  public static let task = "ForSequenceClassification"
  /// The sizes and classes.
  public let configuration: BertConfiguration
  /// The encoder.
  public let bert: BertModel
  /// `nil` where the pooler is the dense layer.
  let dense: Linear?
  let dropout: Dropout
  let classifier: Linear

  /// A model with fresh weights from the current ``RandomGenerator``.
  public convenience init(_ configuration: BertConfiguration) {
    self.init(configuration, encoder: BertModel(configuration, withPooler: configuration.family.style == .bert))
  }

  /// A fresh head on an encoder, whose weights are shared; and a fresh pooler where it needs one that is not there.
  public convenience init(_ configuration: BertConfiguration, on bare: BertModel) {
    self.init(
      configuration,
      encoder: BertModel(configuration, sharing: bare, withPooler: configuration.family.style == .bert))
  }

  private init(_ configuration: BertConfiguration, encoder: BertModel) {
    let (width, deviation) = (configuration.hiddenSize, configuration.initializerRange)
    let style = configuration.family.style
    self.configuration = configuration
    bert = encoder
    dense = style == .bert ? nil : .normal(width, width, deviation)
    dropout = Dropout(
      style == .distilbert
        ? configuration.sequenceDropout : configuration.classifierDropout ?? configuration.hiddenDropout)
    classifier = .normal(width, configuration.labels.count, deviation)
  }

  /// The parts under the family's keys.
  public var fields: [ModuleField] {
    var fields = [encoderField]
    let isRoberta = configuration.family.style == .roberta
    if let dense { fields.append(ModuleField(isRoberta ? "classifier.dense" : "pre_classifier", .module(dense))) }
    fields.append(ModuleField("dropout", .module(dropout)))
    fields.append(ModuleField(isRoberta ? "classifier.out_proj" : "classifier", .module(classifier)))
    return fields
  }

  /// Logits `[batch, labels]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    logits(bert(ids, attentionMask: attentionMask, typeIDs: typeIDs).selected(1, 0))
  }

  /// From the first tokens' states, `[batch, hidden]`.
  private func logits(_ first: Tensor) -> Tensor {
    if let pooler = bert.pooler { return classifier(dropout(pooler(first: first))) }
    guard let dense else { fatalError("BertForSequenceClassification: its encoder has no pooler") }
    let hidden =
      configuration.family.style == .roberta ? dense(dropout(first)).tanh() : dense(first, activation: .relu)
    return classifier(dropout(hidden))
  }
}

extension BertForSequenceClassification: PackedTextModel {
  /// Logits `[texts, labels]`.
  public func callAsFunction(_ texts: PackedTokens) -> Tensor { logits(bert(texts).firstRows(offsets: texts.offsets)) }
}
