/// Encoders that are BERT but for their tables of positions and segments, their heads, and what their files call things.
public enum BertFamily: String, Sendable, Hashable, CaseIterable {
  /// Devlin and others, 2018.
  case bert
  /// Liu and others, 2019: positions are counted over the tokens that are no padding, and start behind the padding's id.
  case roberta
  /// Conneau and others, 2019; as RoBERTa.
  case xlmRoberta = "xlm-roberta"
  /// Martin and others, 2019; as RoBERTa.
  case camembert
  /// Sanh and others, 2019: no segments, no pooler, and no dropout behind attention.
  case distilbert

  /// Which heads and keys a family has.
  enum Style {
    case bert, roberta, distilbert
  }

  /// Whose heads and keys it has.
  var style: Style {
    switch self {
    case .bert: .bert
    case .roberta, .xlmRoberta, .camembert: .roberta
    case .distilbert: .distilbert
    }
  }

  /// What its architectures begin with: `RobertaForMaskedLM`.
  var architecturePrefix: String {
    switch self {
    case .bert: "Bert"
    case .roberta: "Roberta"
    case .xlmRoberta: "XLMRoberta"
    case .camembert: "Camembert"
    case .distilbert: "DistilBert"
    }
  }

  /// Whether positions are counted over the tokens that are no padding.
  var skipsPadding: Bool { style == .roberta }

  /// Whether the bare model has a pooler.
  var hasPooler: Bool { self != .distilbert }

  /// Whether the family has a form whose tokens see only those before them.
  var hasDecoder: Bool { self != .distilbert }

  /// The key under which models with a head hold the encoder.
  var prefix: String {
    switch style {
    case .bert: "bert"
    case .roberta: "roberta"
    case .distilbert: "distilbert"
    }
  }

  /// The rows of these families.
  static let rows: [ModelFamily] = allCases.map { family in
    var row = ModelFamily(family.rawValue, architecturePrefix: family.architecturePrefix, BertConfiguration.self)
    row.encoder = ModelMaker(bare: BertModel.self) { $0 }
    row.sequenceClassifier = ModelMaker(BertForSequenceClassification.self) { $0 }
    row.tokenClassifier = ModelMaker(BertForTokenClassification.self) { $0 }
    row.questionAnswerer = ModelMaker(BertForQuestionAnswering.self) { $0 }
    row.maskedLanguageModel = ModelMaker(BertForMaskedLM.self) { $0 }
    if family.hasDecoder { row.causalLanguageModel = ModelMaker(BertForCausalLM.self) { $0 } }
    return row
  }
}
