public import DeepSeekDynamic

/// A Llama decoder, or a variant, with its output layer.
///
/// Keys are Hugging Face's: `model.layers.0.…`, `lm_head.weight`.
public final class LlamaForCausalLM: DecoderLanguageModel {
  /// The decoder.
  public let decoder: LlamaModel
  /// The output layer.
  public let lmHead: Linear

  /// The keys of checkpoints.
  public static var stateKeys: [String: String] { ["decoder": "model", "lmHead": "lm_head"] }

  /// A fresh output layer, or the token table when it is tied, on a decoder whose weights it shares.
  public init(_ configuration: LlamaConfiguration, on bare: LlamaModel) {
    decoder = bare
    lmHead = Self.outputLayer(configuration, on: bare)
  }

  /// `LlamaForCausalLM`, `MistralForCausalLM` or `Qwen2ForCausalLM`.
  public var architecture: String { configuration.family.architecture + "ForCausalLM" }
}
