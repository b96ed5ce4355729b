import DeepSeekJSON

extension ArchitectureMap {
  /// BERT: from the names of Google's TensorFlow code (https://github.com/google-research/bert) and from those of the first
  /// PyTorch version, whose normalizations have gamma and beta.
  static let bert = ArchitectureMap(
    name: "bert",
    schemes: [
      Scheme(
        title: "Google's TensorFlow names", signature: NamePattern(known: "bert/embeddings/word_embeddings"),
        rules: googleBert),
      Scheme(title: "PyTorch names", signature: NamePattern(known: "{before*}LayerNorm.{part*}"), rules: torchBert),
    ],
    layerCountKey: "num_hidden_layers", renamedFiles: [:], oldConfigurationName: "bert_config.json",
    configuration: bertConfiguration)

  private static let googleBert: [MappingRule] = {
    // What an optimizer kept comes first: its names end the weights' own.
    var rules = ["adam_m", "adam_v", "AdamWeightDecayOptimizer", "AdamWeightDecayOptimizer_1"].map {
      MappingRule(skipping: "{weight*}/\($0)", "state of the optimizer")
    }
    rules.append(MappingRule(skipping: "global_step", "a counter of steps"))
    for table in ["word", "position", "token_type"] {
      rules.append(
        MappingRule("bert/embeddings/\(table)_embeddings", "bert.embeddings.\(table)_embeddings.weight"))
    }
    rules += normalization("bert/embeddings/LayerNorm", "bert.embeddings.LayerNorm")
    let (layer, new) = ("bert/encoder/layer_{layer}", "bert.encoder.layer.{layer}")
    for part in ["query", "key", "value"] {
      rules += dense("\(layer)/attention/self/\(part)", "\(new).attention.self.\(part)")
    }
    for part in ["attention/output/dense", "intermediate/dense", "output/dense"] {
      rules += dense("\(layer)/\(part)", "\(new).\(part.replacing("/", with: "."))")
    }
    for part in ["attention/output/LayerNorm", "output/LayerNorm"] {
      rules += normalization("\(layer)/\(part)", "\(new).\(part.replacing("/", with: "."))")
    }
    rules += dense("bert/pooler/dense", "bert.pooler.dense", isOptional: true)
    let (head, newHead) = ("cls/predictions/transform", "cls.predictions.transform")
    rules += dense("\(head)/dense", "\(newHead).dense", isOptional: true)
    rules += normalization("\(head)/LayerNorm", "\(newHead).LayerNorm", isOptional: true)
    rules.append(MappingRule("cls/predictions/output_bias", "cls.predictions.bias", isOptional: true))
    // These are stored as [outputs, inputs] already.
    for (old, new) in [("cls/seq_relationship/output", "cls.seq_relationship."), ("output", "classifier.")] {
      rules.append(MappingRule("\(old)_weights", "\(new)weight", isOptional: true))
      rules.append(MappingRule("\(old)_bias", "\(new)bias", isOptional: true))
    }
    return rules
  }()

  /// A layer's `kernel`, stored as [inputs, outputs], and `bias`.
  private static func dense(_ old: String, _ new: String, isOptional: Bool = false) -> [MappingRule] {
    [
      MappingRule("\(old)/kernel", "\(new).weight", order: .reversed, isOptional: isOptional),
      MappingRule("\(old)/bias", "\(new).bias", isOptional: isOptional),
    ]
  }

  private static func normalization(_ old: String, _ new: String, isOptional: Bool = false) -> [MappingRule] {
    [
      MappingRule("\(old)/gamma", "\(new).weight", isOptional: isOptional),
      MappingRule("\(old)/beta", "\(new).bias", isOptional: isOptional),
    ]
  }

  private static let torchBert: [MappingRule] = [
    MappingRule("{before*}LayerNorm.gamma", "{before}LayerNorm.weight", isOptional: true),
    MappingRule("{before*}LayerNorm.beta", "{before}LayerNorm.bias", isOptional: true),
    MappingRule("{name*}", "{name}", isOptional: true),
  ]

  @Sendable private static func bertConfiguration(_ old: JSONObject, _ names: [String]) -> JSONObject {
    var result = JSONObject()
    let head =
      names.contains { $0.hasPrefix("classifier.") }
      ? "BertForSequenceClassification"
      : names.contains { $0.hasPrefix("cls.predictions.") }
        ? names.contains { $0.hasPrefix("cls.seq_relationship.") } ? "BertForPreTraining" : "BertForMaskedLM"
        : "BertModel"
    result["architectures"] = [.string(head)]
    result["model_type"] = "bert"
    for member in old.members { result[member.key] = member.value }
    return result
  }
}
