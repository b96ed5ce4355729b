public import DeepSeekDynamic

/// GPT-2 with its output layer. Hugging Face's `GPT2LMHeadModel`.
///
/// Keys are Hugging Face's: `transformer.h.0.…`, `lm_head.weight`.
public final class GPT2ForCausalLM: DecoderLanguageModel {
  /// The decoder.
  public let decoder: GPT2Model
  /// The output layer.
  public let lmHead: Linear

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] { ["decoder": "transformer", "lmHead": "lm_head"] }

  /// A fresh output layer, or the token table when it is tied, on a decoder whose weights it shares.
  public init(_ configuration: GPT2Configuration, on bare: GPT2Model) {
    decoder = bare
    lmHead = Self.outputLayer(configuration, on: bare)
  }

  /// `GPT2LMHeadModel`.
  public var architecture: String { "GPT2LMHeadModel" }
}
