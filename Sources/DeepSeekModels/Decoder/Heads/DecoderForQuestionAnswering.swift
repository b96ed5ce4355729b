public import DeepSeekDynamic
public import DeepSeekTensor

/// A decoder that finds the first and last token of an answer: logits `[batch, sequence, 2]`.
public final class DecoderForQuestionAnswering<Bare: DecoderModel>: DecoderHeaded, QuestionAnswerer {
  /// `ForQuestionAnswering`.
  public static var task: String { "ForQuestionAnswering" }
  /// The two ends of a span.
  private static var endCount: Int { 2 }
  /// The sizes.
  public let configuration: Bare.Configuration
  /// The decoder.
  public let decoder: Bare
  let outputs: Linear

  /// A fresh head on a decoder, whose weights are shared.
  public init(_ configuration: Bare.Configuration, on bare: Bare) {
    // The libraries that read the file take the number of outputs from the number of labels.
    var configuration = configuration
    if configuration.labels.count != Self.endCount { configuration.labels = ClassLabels(count: Self.endCount) }
    self.configuration = configuration
    decoder = bare
    outputs = .normal(configuration.hiddenSize, Self.endCount, configuration.initializerRange, bias: true)
  }

  /// `transformer`, in Mistral's files `model`.
  public var basePrefix: String { configuration.headKeys.questionBase }

  /// A key of a checkpoint whose decoder is held under another name, such as a language model's, becomes this model's.
  public func currentKey(_ key: String) -> String? {
    guard let key = decoder.currentKey(key) else { return nil }
    let other = decoder.basePrefix + "."
    return key.hasPrefix(other) ? "\(basePrefix).\(key.dropFirst(other.count))" : key
  }

  /// The decoder under the family's key, and the output layer.
  public var fields: [ModuleField] { [decoderField, ModuleField("qa_outputs", .module(outputs))] }

  /// Logits `[batch, sequence, 2]` for token ids `[batch, sequence]`; segments are not used.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    outputs(decoder(ids, attentionMask: attentionMask, typeIDs: nil))
  }
}

/// GPT-2 that finds answers. Hugging Face's `GPT2ForQuestionAnswering`.
public typealias GPT2ForQuestionAnswering = DecoderForQuestionAnswering<GPT2Model>
/// Llama, Mistral or Qwen2 that finds answers. Hugging Face's `LlamaForQuestionAnswering`.
public typealias LlamaForQuestionAnswering = DecoderForQuestionAnswering<LlamaModel>
