/// Finds the bare model of a folder in Hugging Face's layout.
///
/// ```swift
/// let tokenizer = try AutoTokenizer.fromPretrained("all-MiniLM-L6-v2")
/// let model = try AutoModel.fromPretrained("all-MiniLM-L6-v2")
/// let ids = try tokenizer.encode("A man is eating food.").ids
/// let states = noGradient { model(Tensor([ids])) }
/// ```
public enum AutoModel: AutoModelClass {
  /// The families' bare models.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any TextEncoder>?> { \.encoder }
}

/// Finds the classifier of sequences in a folder.
public enum AutoModelForSequenceClassification: AutoHeadedModelClass {
  /// The families' classifiers of sequences.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any SequenceClassifier>?> { \.sequenceClassifier }
}

/// Finds the classifier of tokens in a folder.
public enum AutoModelForTokenClassification: AutoHeadedModelClass {
  /// The families' classifiers of tokens.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any TokenClassifier>?> { \.tokenClassifier }
}

/// Finds the model in a folder that answers questions by a span of a text.
public enum AutoModelForQuestionAnswering: AutoHeadedModelClass {
  /// The families' models that find answers.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any QuestionAnswerer>?> { \.questionAnswerer }
}

/// Finds the masked language model in a folder.
public enum AutoModelForMaskedLM: AutoHeadedModelClass {
  /// The families' masked language models.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any MaskedLanguageModel>?> { \.maskedLanguageModel }
}

/// Finds the causal language model in a folder.
public enum AutoModelForCausalLM: AutoHeadedModelClass {
  /// The families' causal language models.
  public static var maker: KeyPath<ModelFamily, ModelMaker<any CausalLanguageModel>?> { \.causalLanguageModel }
}
