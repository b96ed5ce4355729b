public import DeepSeekDynamic
public import DeepSeekTensor

/// A Llama decoder, or a variant, with its output layer: logits of the next token.
///
/// Keys are Hugging Face's: `model.layers.0.…`, `lm_head.weight`. Tied to the token table, the output layer has no weight of
/// its own in files.
public final class LlamaForCausalLM: CausalLanguageModel, HeadedModel {
  /// The decoder.
  public let model: LlamaModel
  /// The output layer.
  public let lmHead: Linear

  /// `lm_head`, as checkpoints have it.
  public static var stateKeys: [String: String] { ["lmHead": "lm_head"] }

  /// A model with fresh weights from the current ``RandomGenerator``.
  public convenience init(_ configuration: LlamaConfiguration) {
    self.init(configuration, on: LlamaModel(configuration))
  }

  /// A fresh output layer, or the token table when it is tied, on a decoder whose weights it shares.
  public init(_ configuration: LlamaConfiguration, on bare: LlamaModel) {
    model = bare
    lmHead =
      configuration.tiesEmbeddings
      ? Linear(weight: bare.embedTokens.weight)
      : .decoder(configuration.hiddenSize, configuration.vocabularySize, configuration.initializerRange, bias: false)
  }

  /// Sizes and switches.
  public var configuration: LlamaConfiguration { model.configuration }
  /// The class that Hugging Face's libraries have for it.
  public var architecture: String { configuration.family.architecture + "ForCausalLM" }
  /// `model`.
  public var basePrefix: String { model.basePrefix }
  /// As the decoder has it.
  public func currentKey(_ key: String) -> String? { model.currentKey(key) }
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
    model(ids, attentionMask: attentionMask, positions: positions, cache: cache)
  }

  /// Logits `[…, vocabulary]` of hidden states `[…, hidden]`.
  public func logits(_ states: Tensor) -> Tensor { lmHead(states) }
}
