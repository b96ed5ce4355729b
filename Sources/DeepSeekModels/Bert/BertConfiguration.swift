public import DeepSeekJSON
public import DeepSeekOperators

/// The sizes and switches of a BERT encoder, or of a decoder that is one but for its order, as Hugging Face's `config.json` names them.
public struct BertConfiguration: Sendable, Equatable {
  /// Which of the encoders it is.
  public var family = BertFamily.bert
  /// Entries of the token table.
  public var vocabularySize = 30522
  /// Width of the hidden states.
  public var hiddenSize = 768
  /// Encoder layers.
  public var layerCount = 12
  /// Attention heads; divides ``hiddenSize``.
  public var headCount = 12
  /// Width inside the feed-forward part.
  public var intermediateSize = 3072
  /// What follows the first feed-forward product.
  public var activation = Activation.gelu
  /// The probability of dropping a hidden value while training.
  public var hiddenDropout = 0.1
  /// The probability of dropping an attention weight while training.
  public var attentionDropout = 0.1
  /// Entries of the table of positions; see ``maximumLength``.
  public var maximumPositions = 512
  /// Kinds of segments; 0 for an encoder without.
  public var typeVocabularySize = 2
  /// Added to variances in layer normalization.
  public var layerNormEpsilon = 1e-12
  /// Standard deviation of fresh weights.
  public var initializerRange = 0.02
  /// The token that pads short sequences.
  public var padTokenID = 0
  /// The probability of dropping a value before a classifier; ``hiddenDropout`` when `nil`. DistilBERT has
  /// ``sequenceDropout`` instead.
  public var classifierDropout: Double?
  /// DistilBERT's probability of dropping a value before a classifier of sequences.
  public var sequenceDropout = 0.2
  /// DistilBERT's probability of dropping a value before the layer that finds answers.
  public var questionDropout = 0.1
  /// Whether tokens see only those before them: what a causal language model needs. DistilBERT has no such form.
  public var isDecoder = false
  /// The token that begins a decoder's text; `nil` when there is none.
  public var beginTokenID: Int?
  /// The tokens that end a decoder's text.
  public var endTokenIDs: [Int] = []
  /// Whether a language model's output layer is the token table.
  public var tiesEmbeddings = true
  /// The classes of a classification head.
  public var labels = ClassLabels(count: 2)
  /// The folder that it was read from.
  public var origin: ModelOrigin?

  /// The number of ``labels``; setting it gives them new names.
  public var labelCount: Int {
    get { labels.count }
    set { labels = ClassLabels(count: newValue, problem: labels.problem) }
  }

  /// The longest sequence.
  public var maximumLength: Int {
    family.skipsPadding ? Swift.max(maximumPositions - padTokenID - 1, 0) : maximumPositions
  }

  /// BERT-base: 12 layers, width 768, 12 heads, 110 million parameters.
  public init() {}

  /// The configuration in a file.
  public init(_ file: ConfigurationFile) throws {
    family = try BertConfiguration.family(file)
    let isDistilled = family == .distilbert
    let names = FieldNames(family)
    vocabularySize = try file.integer("vocab_size")
    hiddenSize = try file.integer(names.hiddenSize, limit: 1 << 20)
    layerCount = try file.integer(names.layerCount, limit: 1 << 12)
    headCount = try file.integer(names.headCount, limit: 1 << 12)
    intermediateSize = try file.integer(names.intermediateSize, limit: 1 << 22)
    hiddenDropout = try file.number(names.hiddenDropout, default: 0.1)
    attentionDropout = try file.number(names.attentionDropout, default: 0.1)
    maximumPositions = try file.integer("max_position_embeddings", limit: 1 << 24)
    typeVocabularySize =
      isDistilled ? 0 : try file.integer("type_vocab_size", default: 2, limit: 1 << 20)
    if !isDistilled { layerNormEpsilon = try file.number("layer_norm_eps", default: 1e-12) }
    initializerRange = try file.number("initializer_range", default: 0.02)
    padTokenID = try file.integer("pad_token_id", default: family.skipsPadding ? 1 : 0)
    if let given = file.value["classifier_dropout"], !given.isNull {
      classifierDropout = try file.number("classifier_dropout")
    }
    sequenceDropout = try file.number("seq_classif_dropout", default: 0.2)
    questionDropout = try file.number("qa_dropout", default: 0.1)
    tiesEmbeddings = try file.flag("tie_word_embeddings", default: true)
    labels = try ClassLabels(file)
    try readDecoder(file)
    activation = try file.activation(names.activation, default: "gelu")
    guard headCount > 0, hiddenSize % headCount == 0 else {
      throw ModelError.invalidField(
        file: file.path, field: names.headCount, expected: "a divisor of \(names.hiddenSize), \(hiddenSize)")
    }
    for (field, value) in [
      (names.hiddenDropout, hiddenDropout), (names.attentionDropout, attentionDropout),
      ("classifier_dropout", classifierDropout ?? 0), ("seq_classif_dropout", sequenceDropout),
      ("qa_dropout", questionDropout),
    ] where !(0..<1).contains(value) {
      throw ModelError.invalidField(file: file.path, field: field, expected: "at least 0 and less than 1")
    }
    let positions = try file.string("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw ModelError.unsupported(
        file: file.path, field: "position_embedding_type", value: positions, supported: ["absolute"])
    }
  }

  /// What decoders have beside.
  private mutating func readDecoder(_ file: ConfigurationFile) throws {
    isDecoder = family == .distilbert ? false : try file.flag("is_decoder", default: false)
    guard isDecoder else { return }
    if try file.flag("add_cross_attention", default: false) {
      throw ModelError.unsupported(
        file: file.path, field: "add_cross_attention", value: "true", supported: ["false"])
    }
    // RoBERTa's files may leave out what its tokenizer has always had.
    let usual: (begin: Int?, ends: [Int]) = family.style == .roberta ? (0, [2]) : (nil, [])
    beginTokenID = file.value["bos_token_id"] == nil ? usual.begin : try file.optionalInteger("bos_token_id")
    endTokenIDs = file.value["eos_token_id"] == nil ? usual.ends : try file.integers("eos_token_id")
  }

  /// What the families call a field.
  private struct FieldNames {
    let hiddenSize, layerCount, headCount, intermediateSize, hiddenDropout, attentionDropout, activation: String

    init(_ family: BertFamily) {
      let isDistilled = family == .distilbert
      hiddenSize = isDistilled ? "dim" : "hidden_size"
      layerCount = isDistilled ? "n_layers" : "num_hidden_layers"
      headCount = isDistilled ? "n_heads" : "num_attention_heads"
      intermediateSize = isDistilled ? "hidden_dim" : "intermediate_size"
      hiddenDropout = isDistilled ? "dropout" : "hidden_dropout_prob"
      attentionDropout = isDistilled ? "attention_dropout" : "attention_probs_dropout_prob"
      activation = isDistilled ? "activation" : "hidden_act"
    }
  }

  private static func family(_ file: ConfigurationFile) throws -> BertFamily {
    let row = try ModelFamily.find(file, among: BertFamily.rows)
    return BertFamily(rawValue: row.modelType)!
  }
}

extension BertConfiguration: ModelConfiguration {
  /// `bert`, `roberta`, …
  public var modelType: String { family.rawValue }

  /// The members of `config.json`, under the family's names.
  public var fields: JSONObject {
    let names = FieldNames(family)
    var object = JSONObject()
    object["vocab_size"] = .integer(vocabularySize)
    object[names.hiddenSize] = .integer(hiddenSize)
    object[names.layerCount] = .integer(layerCount)
    object[names.headCount] = .integer(headCount)
    object[names.intermediateSize] = .integer(intermediateSize)
    object[names.activation] = .string(activation.configurationName(in: origin, names.activation))
    object[names.hiddenDropout] = .double(hiddenDropout)
    object[names.attentionDropout] = .double(attentionDropout)
    object["max_position_embeddings"] = .integer(maximumPositions)
    object["initializer_range"] = .double(initializerRange)
    object["pad_token_id"] = .integer(padTokenID)
    object["tie_word_embeddings"] = .bool(tiesEmbeddings)
    if family == .distilbert {
      object["seq_classif_dropout"] = .double(sequenceDropout)
      object["qa_dropout"] = .double(questionDropout)
    } else {
      object["type_vocab_size"] = .integer(typeVocabularySize)
      object["layer_norm_eps"] = .double(layerNormEpsilon)
      object["classifier_dropout"] = classifierDropout.map { .double($0) } ?? .null
      object["is_decoder"] = .bool(isDecoder)
    }
    if isDecoder {
      object["bos_token_id"] = beginTokenID.map { .integer($0) } ?? .null
      object["eos_token_id"] = .oneOrMore(endTokenIDs)
    }
    return object
  }
}
