public import DeepSeekJSON
public import DeepSeekOperators

/// The sizes and switches of a GPT-2 decoder, as Hugging Face's `config.json` names them.
public struct GPT2Configuration: DecoderConfiguration, Equatable {
  /// Entries of the token table.
  public var vocabularySize = 50257
  /// Width of the hidden states.
  public var hiddenSize = 768
  /// Decoder layers.
  public var layerCount = 12
  /// Attention heads; divides ``hiddenSize``.
  public var headCount = 12
  /// Width inside the feed-forward part.
  public var intermediateSize = 3072
  /// What follows the first feed-forward product.
  public var activation = Activation.geluTanh
  /// The longest sequence.
  public var maximumPositions = 1024
  /// The probability of dropping an embedding while training.
  public var embeddingDropout = 0.1
  /// The probability of dropping an attention weight while training.
  public var attentionDropout = 0.1
  /// The probability of dropping what is added to the hidden states while training.
  public var residualDropout = 0.1
  /// The probability of dropping a state before tokens are classified, while training.
  public var classifierDropout = 0.1
  /// Added to variances in layer normalization.
  public var layerNormEpsilon = 1e-5
  /// Standard deviation of fresh weights.
  public var initializerRange = 0.02
  /// Whether attention scores are divided by the root of the heads' width.
  public var scalesAttention = true
  /// Whether attention scores are divided by the layer's number, counted from 1.
  public var scalesAttentionByLayer = false
  /// Whether the output layer is the token table.
  public var tiesEmbeddings = true
  /// The token that begins a text.
  public var beginTokenID: Int? = 50256
  /// The tokens that end a text.
  public var endTokenIDs = [50256]
  /// The token that fills up a batch; `nil` when the model has none of its own.
  public var paddingToken: Int?
  /// The classes of a classifier's head.
  public var labels = ClassLabels(count: 2)
  /// The folder that the configuration was read from; `nil` for one made in code.
  public var origin: ModelOrigin?

  /// `gpt2`.
  public var modelType: String { "gpt2" }
  /// `GPT2`.
  public var architecturePrefix: String { "GPT2" }
  /// The names of GPT-2's heads.
  public var headKeys: DecoderHeadKeys {
    DecoderHeadKeys(tokenClassifier: "classifier", questionBase: "transformer")
  }
  /// The longest sequence.
  public var maximumLength: Int { maximumPositions }
  /// ``paddingToken``, or else a token that ends a text.
  public var padTokenID: Int { paddingToken ?? endTokenIDs.first ?? 0 }

  /// The smallest GPT-2: 12 layers, width 768, 124 million parameters.
  public init() {}

  /// The configuration in a file, whose errors name file and field.
  public init(_ file: ConfigurationFile) throws {
    vocabularySize = try file.integer("vocab_size", default: 50257)
    hiddenSize = try file.integer("n_embd", default: 768, limit: 1 << 20)
    layerCount = try file.integer("n_layer", default: 12, limit: 1 << 12)
    headCount = try file.integer("n_head", default: 12, limit: 1 << 12)
    intermediateSize = try file.integer("n_inner", default: 4 * hiddenSize, limit: 1 << 22)
    activation = try file.activation("activation_function", default: "gelu_new")
    maximumPositions = try file.integer("n_positions", default: 1024, limit: 1 << 24)
    embeddingDropout = try file.number("embd_pdrop", default: 0.1)
    attentionDropout = try file.number("attn_pdrop", default: 0.1)
    residualDropout = try file.number("resid_pdrop", default: 0.1)
    classifierDropout = try ClassifierDropout.read(file)
    layerNormEpsilon = try file.number("layer_norm_epsilon", default: 1e-5)
    initializerRange = try file.number("initializer_range", default: 0.02)
    scalesAttention = try file.flag("scale_attn_weights", default: true)
    scalesAttentionByLayer = try file.flag("scale_attn_by_inverse_layer_idx", default: false)
    tiesEmbeddings = try file.flag("tie_word_embeddings", default: true)
    beginTokenID = try file.optionalInteger("bos_token_id")
    endTokenIDs = try file.integers("eos_token_id")
    paddingToken = try file.optionalInteger("pad_token_id")
    labels = try ClassLabels(file)
    guard headCount > 0, hiddenSize % headCount == 0 else {
      throw ModelError.invalidField(file: file.path, field: "n_head", expected: "a divisor of n_embd, \(hiddenSize)")
    }
    let dropouts = [
      ("embd_pdrop", embeddingDropout), ("attn_pdrop", attentionDropout), ("resid_pdrop", residualDropout),
    ]
    for (field, value) in dropouts where !(0..<1).contains(value) {
      throw ModelError.invalidField(file: file.path, field: field, expected: "at least 0 and less than 1")
    }
  }

  /// The members of `config.json`, under Hugging Face's names.
  public var fields: JSONObject {
    var object = JSONObject()
    object["vocab_size"] = .integer(vocabularySize)
    object["n_embd"] = .integer(hiddenSize)
    object["n_layer"] = .integer(layerCount)
    object["n_head"] = .integer(headCount)
    object["n_inner"] = intermediateSize == 4 * hiddenSize ? .null : .integer(intermediateSize)
    object["activation_function"] = .string(activation.configurationName(in: origin, "activation_function"))
    object["n_positions"] = .integer(maximumPositions)
    object["embd_pdrop"] = .double(embeddingDropout)
    object["attn_pdrop"] = .double(attentionDropout)
    object["resid_pdrop"] = .double(residualDropout)
    ClassifierDropout.write(classifierDropout, to: &object, origin: origin)
    object["layer_norm_epsilon"] = .double(layerNormEpsilon)
    object["initializer_range"] = .double(initializerRange)
    object["scale_attn_weights"] = .bool(scalesAttention)
    object["scale_attn_by_inverse_layer_idx"] = .bool(scalesAttentionByLayer)
    object["tie_word_embeddings"] = .bool(tiesEmbeddings)
    object["bos_token_id"] = beginTokenID.map { .integer($0) } ?? .null
    object["eos_token_id"] = .oneOrMore(endTokenIDs)
    object["pad_token_id"] = paddingToken.map { .integer($0) } ?? .null
    return object
  }
}

extension GPT2Configuration {
  /// The row of the family.
  static let row: ModelFamily = {
    var row = ModelFamily("gpt2", architecturePrefix: "GPT2", GPT2Configuration.self)
    row.encoder = ModelMaker(bare: GPT2Model.self) { $0 }
    row.causalLanguageModel = ModelMaker(GPT2ForCausalLM.self) { $0 }
    row.sequenceClassifier = ModelMaker(GPT2ForSequenceClassification.self) { $0 }
    row.tokenClassifier = ModelMaker(GPT2ForTokenClassification.self) { $0 }
    row.questionAnswerer = ModelMaker(GPT2ForQuestionAnswering.self) { $0 }
    return row
  }()
}
