public import DeepSeekDynamic
import DeepSeekOperators
public import DeepSeekTensor

/// A decoder with a classifier over each text's last token, which has seen all others: logits `[batch, labels]`.
///
/// The last token is the last that the attention mask counts. Without a mask it is the last that is not the configuration's
/// padding; where that has none, the last of the row. Keys are Hugging Face's: `model.layers.0.…`, `score.weight`.
public final class DecoderForSequenceClassification<Bare: DecoderModel>: DecoderHeaded, SequenceClassifier {
  /// `ForSequenceClassification`.
  public static var task: String { "ForSequenceClassification" }
  /// The sizes and classes.
  public let configuration: Bare.Configuration
  /// The decoder.
  public let decoder: Bare
  let score: Linear

  /// A fresh head on a decoder, whose weights are shared.
  public init(_ configuration: Bare.Configuration, on bare: Bare) {
    self.configuration = configuration
    decoder = bare
    score = .normal(
      configuration.hiddenSize, configuration.labels.count, configuration.initializerRange, bias: false)
  }

  /// The decoder under the family's key, and the classifier.
  public var fields: [ModuleField] { [decoderField, ModuleField("score", .module(score))] }

  /// Logits `[batch, labels]` for token ids `[batch, sequence]`; segments are not used.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor? = nil, typeIDs: Tensor? = nil) -> Tensor {
    let states = decoder(ids, attentionMask: attentionMask, typeIDs: nil)
    // [batch, 1, hidden]: every element of a state lies at the same place of its row.
    let places = lastPlaces(ids, attentionMask).expanded(-1).expanded(-1)
      .broadcast(to: Shape([states.dimension(0), 1, states.dimension(2)]))
    return score(states.gather(axis: 1, places).squeezed(1))
  }

  /// Where each row's last token is, `int64` `[batch]`; the first place of a row without any.
  private func lastPlaces(_ ids: Tensor, _ attentionMask: Tensor?) -> Tensor {
    let counted = attentionMask?.notEqual(to: 0) ?? configuration.paddingToken.map { ids.notEqual(to: Double($0)) }
    let ordinals = ids.ordinals
    return (counted.map { ordinals * $0.cast(to: .int64) } ?? ordinals).argmax(axis: 1)
  }
}

/// GPT-2 as a classifier of texts. Hugging Face's `GPT2ForSequenceClassification`.
public typealias GPT2ForSequenceClassification = DecoderForSequenceClassification<GPT2Model>
/// Llama, Mistral or Qwen2 as a classifier of texts. Hugging Face's `LlamaForSequenceClassification`.
public typealias LlamaForSequenceClassification = DecoderForSequenceClassification<LlamaModel>
