public import DeepSeekDynamic
public import DeepSeekTensor

/// What all decoders' configurations say.
public protocol DecoderConfiguration: ModelConfiguration {
  /// Decoder layers.
  var layerCount: Int { get }
  /// Whether the output layer is the token table.
  var tiesEmbeddings: Bool { get }
  /// The token that begins a text; `nil` when there is none.
  var beginTokenID: Int? { get }
  /// The tokens that end a text.
  var endTokenIDs: [Int] { get }
  /// The token that fills up a batch; `nil` when the model has none of its own.
  var paddingToken: Int? { get }
  /// The probability of dropping a state before tokens are classified, while training.
  var classifierDropout: Double { get }
  /// What its architectures begin with: `GPT2` for `GPT2ForSequenceClassification`.
  var architecturePrefix: String { get }
  /// What its files call the heads.
  var headKeys: DecoderHeadKeys { get }
}

/// A bare decoder: hidden states of token ids, each of which sees those before it.
public protocol DecoderModel: TextEncoder where Configuration: DecoderConfiguration {
  /// The table of tokens.
  var tokenTable: Embedding { get }
  /// Hidden states `[batch, sequence, hidden]` for token ids `[batch, sequence]`.
  ///
  /// The attention mask `[batch, keys]` is non-zero where a token counts, tokens in the cache included. Positions
  /// `[batch, sequence]` are counted from the first token, padding or not, when left out. With a cache, the tokens come
  /// behind those that it has seen, and are added to it.
  func callAsFunction(_ ids: Tensor, attentionMask: Tensor?, positions: Tensor?, cache: KeyValueCache?) -> Tensor
}

extension DecoderModel {
  /// The same without a cache; segments are not used.
  public func callAsFunction(_ ids: Tensor, attentionMask: Tensor?, typeIDs: Tensor?) -> Tensor {
    self(ids, attentionMask: attentionMask, positions: nil, cache: nil)
  }
}

/// A decoder with its output layer: logits of the next token. Tied to the token table, the output layer has no weight of its
/// own in files.
public protocol DecoderLanguageModel: CausalLanguageModel, HeadedModel where Bare: DecoderModel {
  /// The decoder.
  var decoder: Bare { get }
  /// The output layer.
  var lmHead: Linear { get }
}

extension DecoderLanguageModel {
  /// A model with fresh weights from the current ``RandomGenerator``.
  public init(_ configuration: Configuration) { self.init(configuration, on: Bare(configuration)) }

  /// Sizes and switches.
  public var configuration: Configuration { decoder.configuration }
  /// What stands before the decoder's keys.
  public var basePrefix: String { decoder.basePrefix }
  /// As the decoder has it.
  public func currentKey(_ key: String) -> String? { decoder.currentKey(key) }
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
    decoder(ids, attentionMask: attentionMask, positions: positions, cache: cache)
  }

  /// Logits `[…, vocabulary]` of hidden states `[…, hidden]`.
  public func logits(_ states: Tensor) -> Tensor { lmHead(states) }

  /// The token table, or a fresh layer when the two are not tied.
  static func outputLayer(_ configuration: Configuration, on bare: Bare) -> Linear {
    if configuration.tiesEmbeddings { return Linear(weight: bare.tokenTable.weight) }
    return .normal(configuration.hiddenSize, configuration.vocabularySize, configuration.initializerRange, bias: false)
  }
}
