public import DeepSeekDynamic
public import DeepSeekTensor

/// A decoder with a classifier over every token, which has seen those before it: logits `[batch, sequence, labels]`.
public final class DecoderForTokenClassification<Bare: DecoderModel>: DecoderHeaded, TokenClassifier {
  /// `ForTokenClassification`.
  public static var task: String { "ForTokenClassification" }
  /// The sizes and classes.
  public let configuration: Bare.Configuration
  /// The decoder.
  public let decoder: Bare
  let dropout: Dropout
  let classifier: Linear

  /// A fresh head on a decoder, whose weights are shared.
  public init(_ configuration: Bare.Configuration, on bare: Bare) {
    self.configuration = configuration
    decoder = bare
    dropout = Dropout(configuration.classifierDropout)
    classifier = .normal(
      configuration.hiddenSize, configuration.labels.count, configuration.initializerRange, bias: true)
  }

  /// The decoder and the classifier under the family's keys.
  public var fields: [ModuleField] {
    [
      decoderField, ModuleField("dropout", .module(dropout)),
      ModuleField(configuration.headKeys.tokenClassifier, .module(classifier)),
    ]
  }

  /// Logits `[batch, sequence, labels]` for token ids `[batch, sequence]`; segments are not used.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    classifier(dropout(decoder(ids, attentionMask: attentionMask, typeIDs: nil)))
  }
}

/// GPT-2 as a classifier of tokens. Hugging Face's `GPT2ForTokenClassification`.
public typealias GPT2ForTokenClassification = DecoderForTokenClassification<GPT2Model>
/// Llama, Mistral or Qwen2 as a classifier of tokens. Hugging Face's `LlamaForTokenClassification`.
public typealias LlamaForTokenClassification = DecoderForTokenClassification<LlamaModel>
