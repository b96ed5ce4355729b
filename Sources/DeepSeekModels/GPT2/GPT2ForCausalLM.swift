public import DeepSeekDynamic
public import DeepSeekTensor

/// GPT-2 with its output layer: logits of the next token. Hugging Face's `GPT2LMHeadModel`.
///
/// Keys are Hugging Face's: `transformer.h.0.…`, `lm_head.weight`. Tied to the token table, the output layer has no weight of
/// its own in files.
public final class GPT2ForCausalLM: CausalLanguageModel, HeadedModel {
  /// The decoder.
  public let transformer: GPT2Model
  /// The output layer.
  public let lmHead: Linear

  /// `lm_head`, as checkpoints have it.
  public static var stateKeys: [String: String] { ["lmHead": "lm_head"] }

  /// A model with fresh weights from the current ``RandomGenerator``.
  public convenience init(_ configuration: GPT2Configuration) {
    self.init(configuration, on: GPT2Model(configuration))
  }

  /// A fresh output layer, or the token table when it is tied, on a decoder whose weights it shares.
  public init(_ configuration: GPT2Configuration, on bare: GPT2Model) {
    transformer = bare
    lmHead =
      configuration.tiesEmbeddings
      ? Linear(weight: bare.tokens.weight)
      : .decoder(configuration.hiddenSize, configuration.vocabularySize, configuration.initializerRange, bias: false)
  }

  /// Sizes and switches.
  public var configuration: GPT2Configuration { transformer.configuration }
  /// The class that Hugging Face's libraries have for it.
  public var architecture: String { "GPT2LMHeadModel" }
  /// `transformer`.
  public var basePrefix: String { transformer.basePrefix }
  /// As the decoder has it.
  public func currentKey(_ key: String) -> String? { transformer.currentKey(key) }
  /// Decoder layers.
  public var layerCount: Int { configuration.layerCount }
  /// The token that begins a text; `nil` when there is none.
  public var beginTokenID: Int? { configuration.beginTokenID }
  /// The tokens that end a text.
  public var endTokenIDs: [Int] { configuration.endTokenIDs }

  /// Hidden states, as the decoder gives them.
  public func hiddenStates(
    _ ids: Tensor, attentionMask: Tensor?, positions: Tensor?, cache: KeyValueCache?
  ) -> Tensor {
    transformer(ids, attentionMask: attentionMask, positions: positions, cache: cache)
  }

  /// Logits `[…, vocabulary]` of hidden states `[…, hidden]`.
  public func logits(_ states: Tensor) -> Tensor { lmHead(states) }
}
