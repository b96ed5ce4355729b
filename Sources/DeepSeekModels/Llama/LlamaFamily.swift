/// Decoders that are Llama but for biases, windows and defaults.
public enum LlamaFamily: String, Sendable, Hashable, CaseIterable {
  /// Touvron and others, 2023.
  case llama
  /// Jiang and others, 2023: each query sees a window of keys.
  case mistral
  /// Yang and others, 2024: queries, keys and values have biases.
  case qwen2

  /// The model's name in Hugging Face's architectures: `LlamaForCausalLM`.
  var architecture: String {
    switch self {
    case .llama: "Llama"
    case .mistral: "Mistral"
    case .qwen2: "Qwen2"
    }
  }

  /// The rows of these families.
  static let rows: [ModelFamily] = allCases.map { family in
    var row = ModelFamily(family.rawValue, architecturePrefix: family.architecture, LlamaConfiguration.self)
    row.encoder = ModelMaker(bare: LlamaModel.self) { $0 }
    row.causalLanguageModel = ModelMaker(LlamaForCausalLM.self) { $0 }
    row.sequenceClassifier = ModelMaker(LlamaForSequenceClassification.self) { $0 }
    row.tokenClassifier = ModelMaker(LlamaForTokenClassification.self) { $0 }
    row.questionAnswerer = ModelMaker(LlamaForQuestionAnswering.self) { $0 }
    return row
  }
}
