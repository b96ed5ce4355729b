public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// An encoder that fills in masked tokens: logits `[batch, sequence, vocabulary]`.
public final class BertForMaskedLM: BertHeaded, MaskedLanguageModel {
  /// `ForMaskedLM`.
  public static let task = "ForMaskedLM"
  /// The sizes.
  public let configuration: BertConfiguration
  /// The encoder, without a pooler.
  public let bert: BertModel
  let head: BertMaskedHead

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
    head = BertMaskedHead(configuration)
  }

  /// The encoder under the family's key, and the head's parts.
  public var fields: [ModuleField] { [encoderField, ModuleField("", .module(head))] }

  /// Logits `[batch, sequence, vocabulary]` for token ids `[batch, sequence]`; mask and segments as ``BertModel`` takes them.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    head(bert(ids, attentionMask: attentionMask, typeIDs: typeIDs), table: bert.embeddings.wordEmbeddings)
  }
}

/// The head of masked and causal language models: a dense layer, an activation and a normalization, then the product with the token table, or with a table of its own where
/// the configuration does not tie the two.
public final class BertMaskedHead: Module {
  let dense: Linear
  let layerNorm: LayerNorm
  /// Added to the logits of a tied table. BERT and RoBERTa keep it beside an untied layer too, which does not use it.
  let bias: Parameter?
  /// The output layer where it is not the token table.
  let decoder: Linear?
  private let style: BertFamily.Style
  private let activation: Activation

  init(_ configuration: BertConfiguration) {
    let (width, deviation) = (configuration.hiddenSize, configuration.initializerRange)
    style = configuration.family.style
    // RoBERTa's is fixed.
    activation = style == .roberta ? .gelu : configuration.activation
    dense = .normal(width, width, deviation)
    layerNorm = LayerNorm(width, epsilon: configuration.layerNormEpsilon)
    decoder = configuration.tiesEmbeddings ? nil : .normal(width, configuration.vocabularySize, deviation)
    bias =
      style == .distilbert && decoder != nil ? nil : Parameter(Initializer.zeros([configuration.vocabularySize]))
  }

  /// The parts under the family's keys.
  public var fields: [ModuleField] {
    let keys: (dense: String, layerNorm: String, bias: String, decoder: String) =
      switch style {
      case .bert:
        (
          "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias",
          "cls.predictions.decoder"
        )
      case .roberta: ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias", "lm_head.decoder")
      case .distilbert: ("vocab_transform", "vocab_layer_norm", "vocab_projector.bias", "vocab_projector")
      }
    var fields = [ModuleField(keys.dense, .module(dense)), ModuleField(keys.layerNorm, .module(layerNorm))]
    if let bias { fields.append(ModuleField(keys.bias, .parameter(bias))) }
    if let decoder { fields.append(ModuleField(keys.decoder, .module(decoder))) }
    return fields
  }

  func callAsFunction(_ states: Tensor, table: Embedding) -> Tensor {
    let hidden = layerNorm(dense(states, activation: activation))
    return decoder?(hidden) ?? table.attend(hidden, bias: bias?.tensor)
  }
}
