public import DeepSeekDynamic
public import DeepSeekTensor

/// An encoder with a classifier over every token: logits `[batch, sequence, labels]`.
public final class BertForTokenClassification: BertHeaded, TokenClassifier {
  /// `ForTokenClassification`.
  public static let task = "ForTokenClassification"
  /// The sizes and classes.
  public let configuration: BertConfiguration
  /// The encoder, without a pooler.
  public let bert: BertModel
  let dropout: Dropout
  let classifier: Linear

  /// A model with fresh weights from the current ``RandomGenerator``.
  public convenience init(_ configuration: BertConfiguration) {
    self.init(configuration, encoder: BertModel(configuration, withPooler: false))
  }

  /// A fresh head on an encoder, whose weights are shared.
  public convenience init(_ configuration: BertConfiguration, on bare: BertModel) {
    self.init(configuration, encoder: BertModel(configuration, sharing: bare, withPooler: false))
  }

  private init(_ configuration: BertConfiguration, encoder: BertModel) {
    self.configuration = configuration
    bert = encoder
    let isDistilled = configuration.family.style == .distilbert
    dropout = Dropout(
      isDistilled ? configuration.hiddenDropout : configuration.classifierDropout ?? configuration.hiddenDropout)
    classifier = .normal(configuration.hiddenSize, configuration.labels.count, configuration.initializerRange)
  }

  /// The encoder under the family's key, and the classifier.
  public var fields: [ModuleField] {
    [
      encoderField, ModuleField("dropout", .module(dropout)), ModuleField("classifier", .module(classifier)),
    ]
  }

  /// Logits `[batch, sequence, labels]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    classifier(dropout(bert(ids, attentionMask: attentionMask, typeIDs: typeIDs)))
  }
}
