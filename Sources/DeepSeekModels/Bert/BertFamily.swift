/// Encoders that are BERT but for their tables of positions and segments and for what their files call things.
public enum BertFamily: String, Sendable, Hashable, CaseIterable {
  /// Devlin and others, 2018.
  case bert
  /// Liu and others, 2019: positions are counted over the tokens that are no padding, and start behind the padding's id.
  case roberta
  /// Conneau and others, 2019; as RoBERTa.
  case xlmRoberta = "xlm-roberta"
  /// Martin and others, 2019; as RoBERTa.
  case camembert
  /// Sanh and others, 2019: no segments, no pooler.
  case distilbert

  /// The family that an architecture such as `RobertaForMaskedLM` belongs to.
  init?(architecture: String) {
    let names: [(String, BertFamily)] = [
      ("Bert", .bert), ("Roberta", .roberta), ("XLMRoberta", .xlmRoberta), ("Camembert", .camembert),
      ("DistilBert", .distilbert),
    ]
    let found = names.first { name, _ in
      architecture == name + "Model" || architecture.hasPrefix(name + "For")
    }
    guard let found else { return nil }
    self = found.1
  }

  /// Whether positions are counted over the tokens that are no padding.
  var skipsPadding: Bool {
    switch self {
    case .bert, .distilbert: false
    case .roberta, .xlmRoberta, .camembert: true
    }
  }

  /// What stands before the encoder's keys in the checkpoint of a model with a head.
  var prefix: String {
    switch self {
    case .bert: "bert."
    case .roberta, .xlmRoberta, .camembert: "roberta."
    case .distilbert: "distilbert."
    }
  }

  /// This framework's key for a key of the family's checkpoints, without the prefix.
  func key(_ name: String) -> String {
    var key = name
    if self == .distilbert {
      key = BertFamily.distilNames.reduce(key) { $0.replacing($1.0, with: $1.1) }
    }
    // The names of checkpoints that came from TensorFlow.
    for (old, new) in [("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias")]
    where key.hasSuffix(old) {
      key = String(key.dropLast(old.count)) + new
    }
    return key
  }

  private static let distilNames = [
    ("transformer.layer.", "encoder.layer."), (".attention.q_lin.", ".attention.self.query."),
    (".attention.k_lin.", ".attention.self.key."), (".attention.v_lin.", ".attention.self.value."),
    (".attention.out_lin.", ".attention.output.dense."), (".sa_layer_norm.", ".attention.output.LayerNorm."),
    (".ffn.lin1.", ".intermediate.dense."), (".ffn.lin2.", ".output.dense."),
    (".output_layer_norm.", ".output.LayerNorm."),
  ]
}
