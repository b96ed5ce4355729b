/// What an adapted model is for, as PEFT's files name it: `peft` chooses its wrapper by it.
public enum AdapterTask: String, Sendable, Hashable, CaseIterable {
  /// Texts to classes. `peft` then trains and loads the classifier whole.
  case sequenceClassification = "SEQ_CLS"
  /// Tokens to classes.
  case tokenClassification = "TOKEN_CLS"
  /// Answers within texts.
  case questionAnswering = "QUESTION_ANS"
  /// Text after text.
  case causalLanguageModelling = "CAUSAL_LM"
  /// Text from text.
  case sequenceToSequence = "SEQ_2_SEQ_LM"
  /// Hidden states.
  case featureExtraction = "FEATURE_EXTRACTION"
}
