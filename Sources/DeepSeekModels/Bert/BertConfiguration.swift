public import DeepSeekJSON
public import DeepSeekOperators
public import Foundation

/// The sizes and switches of a BERT encoder, as Hugging Face's `config.json` names them.
public struct BertConfiguration: Sendable, Hashable {
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
  /// Classes of a classification head.
  public var labelCount = 2

  /// The longest sequence.
  public var maximumLength: Int {
    family.skipsPadding ? Swift.max(maximumPositions - padTokenID - 1, 0) : maximumPositions
  }

  /// BERT-base: 12 layers, width 768, 12 heads, 110 million parameters.
  public init() {}

  /// The configuration in a model folder's `config.json`.
  public init(contentsOf folder: URL) throws {
    try self.init(ConfigurationFile("config.json", in: folder, hint: "a model folder has one"))
  }

  init(_ file: ConfigurationFile) throws {
    family = try BertConfiguration.family(file)
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
      family == .distilbert ? 0 : try file.integer("type_vocab_size", default: 2, limit: 1 << 20)
    layerNormEpsilon = try file.number("layer_norm_eps", default: 1e-12)
    initializerRange = try file.number("initializer_range", default: 0.02)
    padTokenID = try file.integer("pad_token_id", default: family.skipsPadding ? 1 : 0)
    labelCount = try BertConfiguration.labelCount(file)
    activation = try BertConfiguration.activation(file, names.activation)
    guard headCount > 0, hiddenSize % headCount == 0 else {
      throw ModelError.invalidField(
        file: file.path, field: names.headCount, expected: "a divisor of \(names.hiddenSize), \(hiddenSize)")
    }
    for (field, value) in [(names.hiddenDropout, hiddenDropout), (names.attentionDropout, attentionDropout)]
    where !(0..<1).contains(value) {
      throw ModelError.invalidField(file: file.path, field: field, expected: "at least 0 and less than 1")
    }
    let positions = try file.string("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw ModelError.unsupported(
        file: file.path, field: "position_embedding_type", value: positions, supported: ["absolute"])
    }
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

  /// By `model_type`, or, in configurations without one, by the first of `architectures`.
  private static func family(_ file: ConfigurationFile) throws -> BertFamily {
    let supported = BertFamily.allCases.map(\.rawValue)
    if file.value["model_type"] == nil, let architecture = file.value["architectures"]?.array?.first?.string {
      guard let family = BertFamily(architecture: architecture) else {
        throw ModelError.unsupported(
          file: file.path, field: "architectures", value: architecture, supported: supported)
      }
      return family
    }
    let name = try file.string("model_type", default: "bert")
    guard let family = BertFamily(rawValue: name) else {
      throw ModelError.unsupported(file: file.path, field: "model_type", value: name, supported: supported)
    }
    return family
  }

  private static func labelCount(_ file: ConfigurationFile) throws -> Int {
    if let labels = file.value["id2label"]?.object { return labels.count }
    return try file.integer("num_labels", default: 2, limit: 1 << 20)
  }

  private static func activation(_ file: ConfigurationFile, _ field: String) throws -> Activation {
    let name = try file.string(field, default: "gelu")
    let known: [String: Activation] = [
      "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "relu": .relu, "silu": .silu,
      "swish": .silu, "tanh": .tanh,
    ]
    guard let activation = known[name] else {
      throw ModelError.unsupported(
        file: file.path, field: field, value: name, supported: known.keys.sorted())
    }
    return activation
  }

  /// The configuration as `config.json` for Hugging Face's libraries, for a model of this architecture.
  public func json(architecture: String) -> JSONValue {
    let names: [Activation: String] = [
      .gelu: "gelu", .geluTanh: "gelu_pytorch_tanh", .relu: "relu", .silu: "silu", .tanh: "tanh",
    ]
    var value: JSONValue = [
      "architectures": [.string(architecture)],
      "model_type": "bert",
      "vocab_size": .integer(vocabularySize),
      "hidden_size": .integer(hiddenSize),
      "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount),
      "intermediate_size": .integer(intermediateSize),
      "hidden_act": .string(names[activation] ?? activation.rawValue),
      "hidden_dropout_prob": .double(hiddenDropout),
      "attention_probs_dropout_prob": .double(attentionDropout),
      "max_position_embeddings": .integer(maximumPositions),
      "type_vocab_size": .integer(typeVocabularySize),
      "layer_norm_eps": .double(layerNormEpsilon),
      "initializer_range": .double(initializerRange),
      "pad_token_id": .integer(padTokenID),
      "position_embedding_type": "absolute",
    ]
    if architecture.hasSuffix("Classification"), case .object(var object) = value {
      var (names, numbers) = (JSONObject(), JSONObject())
      for label in 0..<labelCount {
        names[String(label)] = .string("LABEL_\(label)")
        numbers["LABEL_\(label)"] = .integer(label)
      }
      object["id2label"] = .object(names)
      object["label2id"] = .object(numbers)
      value = .object(object)
    }
    return value
  }
}
