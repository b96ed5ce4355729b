public import DeepSeekDynamic
public import DeepSeekTensor

/// An encoder that finds the first and last token of an answer: logits `[batch, sequence, 2]`.
public final class BertForQuestionAnswering: BertHeaded, QuestionAnswerer {
  /// `ForQuestionAnswering`.
  public static let task = "ForQuestionAnswering"
  /// The two ends of a span.
  private static let endCount = 2
  /// The sizes.
  public let configuration: BertConfiguration
  /// The encoder, without a pooler.
  public let bert: BertModel
  let dropout: Dropout
  let outputs: Linear

  /// A model with fresh weights from the current ``RandomGenerator``.
  public convenience init(_ configuration: BertConfiguration) {
    self.init(configuration, encoder: BertModel(configuration, withPooler: false))
  }

  /// A fresh head on an encoder, whose weights are shared.
  public convenience init(_ configuration: BertConfiguration, on bare: BertModel) {
    self.init(configuration, encoder: BertModel(configuration, sharing: bare, withPooler: false))
  }

  private init(_ configuration: BertConfiguration, encoder: BertModel) {
    // The libraries that read the file take the number of outputs from the number of labels.
    var configuration = configuration
    if configuration.labels.count != BertForQuestionAnswering.endCount {
      configuration.labels = ClassLabels(count: BertForQuestionAnswering.endCount)
    }
    self.configuration = configuration
    bert = encoder
    // Only DistilBERT drops out here.
    dropout = Dropout(configuration.family.style == .distilbert ? configuration.questionDropout : 0)
    outputs = .normal(configuration.hiddenSize, BertForQuestionAnswering.endCount, configuration.initializerRange)
  }

  /// The encoder under the family's key, and the output layer.
  public var fields: [ModuleField] {
    [
      encoderField, ModuleField("dropout", .module(dropout)), ModuleField("qa_outputs", .module(outputs)),
    ]
  }

  /// Logits `[batch, sequence, 2]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    outputs(dropout(bert(ids, attentionMask: attentionMask, typeIDs: typeIDs)))
  }
}
