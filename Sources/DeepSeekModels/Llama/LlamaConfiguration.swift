public import DeepSeekOperators

/// The sizes and switches of a Llama decoder or of one of its variants, as Hugging Face's `config.json` names them.
public struct LlamaConfiguration: DecoderConfiguration, Equatable {
  /// Which of the decoders it is.
  public var family = LlamaFamily.llama
  /// Entries of the token table.
  public var vocabularySize = 32000
  /// Width of the hidden states.
  public var hiddenSize = 4096
  /// Width inside the feed-forward part.
  public var intermediateSize = 11008
  /// Decoder layers.
  public var layerCount = 32
  /// Query heads; a multiple of ``keyHeadCount``.
  public var headCount = 32
  /// Key and value heads, each shared by as many query heads as it takes (Ainslie and others, arXiv:2305.13245).
  public var keyHeadCount = 32
  /// Width of a head.
  public var headWidth = 128
  /// What the gate of the feed-forward part goes through.
  public var activation = Activation.silu
  /// The longest sequence that the model was made for.
  public var maximumPositions = 2048
  /// Added to mean squares in normalization.
  public var normEpsilon = 1e-6
  /// Standard deviation of fresh weights.
  public var initializerRange = 0.02
  /// Whether the output layer is the token table.
  public var tiesEmbeddings = false
  /// Whether queries, keys and values have biases.
  public var hasProjectionBias = false
  /// Whether the attention's output layer has a bias.
  public var hasOutputBias = false
  /// Whether the feed-forward layers have biases.
  public var hasFeedForwardBias = false
  /// The probability of dropping an attention weight while training.
  public var attentionDropout = 0.0
  /// The probability of dropping a state before tokens are classified, while training.
  public var classifierDropout = 0.1
  /// How positions turn queries and keys.
  public var rotary = RotaryConfiguration()
  /// How many keys a query sees, its own included, in the layers of ``windowedLayers``; `nil` for all before it.
  public var window: Int?
  /// The layers that the window applies to.
  public var windowedLayers: Set<Int> = []
  /// The token that begins a text.
  public var beginTokenID: Int?
  /// The tokens that end a text.
  public var endTokenIDs: [Int] = []
  /// The token that fills up a batch; `nil` when the model has none of its own.
  public var paddingToken: Int?
  /// The classes of a classifier's head.
  public var labels = ClassLabels(count: 2)
  /// The folder that the configuration was read from; `nil` for one made in code.
  public var origin: ModelOrigin?

  /// Llama with 7 billion parameters.
  public init() {}

  /// The family's `model_type`.
  public var modelType: String { family.rawValue }
  /// `Llama`, `Mistral` or `Qwen2`.
  public var architecturePrefix: String { family.architecture }
  /// The names of the heads; models that find answers call the decoder `transformer`, but for Mistral's.
  public var headKeys: DecoderHeadKeys {
    DecoderHeadKeys(tokenClassifier: "score", questionBase: family == .mistral ? "model" : "transformer")
  }
  /// The longest sequence: that of training, times the factor by which positions are stretched.
  public var maximumLength: Int { rotary.maximumLength(maximumPositions) }
  /// ``paddingToken``, or else a token that ends a text.
  public var padTokenID: Int { paddingToken ?? endTokenIDs.first ?? 0 }

  /// The window of a layer; `nil` where a query sees all before it.
  func window(ofLayer layer: Int) -> Int? { windowedLayers.contains(layer) ? window : nil }
}
