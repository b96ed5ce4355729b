public import DeepSeekJSON
public import DeepSeekOperators
public import Foundation

/// The sizes and switches of a BERT encoder, as Hugging Face's `config.json` names them.
public struct BertConfiguration: Sendable, Hashable {
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
  /// The longest sequence.
  public var maximumPositions = 512
  /// Kinds of segments.
  public var typeVocabularySize = 2
  /// Added to variances in layer normalization.
  public var layerNormEpsilon = 1e-12
  /// Standard deviation of fresh weights.
  public var initializerRange = 0.02
  /// The token that pads short sequences.
  public var padTokenID = 0
  /// Classes of a classification head.
  public var labelCount = 2

  /// BERT-base: 12 layers, width 768, 12 heads, 110 million parameters.
  public init() {}

  /// The configuration in a model folder's `config.json`.
  public init(contentsOf folder: URL) throws {
    try self.init(ConfigurationFile("config.json", in: folder, hint: "a model folder has one"))
  }

  init(_ file: ConfigurationFile) throws {
    vocabularySize = try file.integer("vocab_size")
    hiddenSize = try file.integer("hidden_size", limit: 1 << 20)
    layerCount = try file.integer("num_hidden_layers", limit: 1 << 12)
    headCount = try file.integer("num_attention_heads", limit: 1 << 12)
    intermediateSize = try file.integer("intermediate_size", limit: 1 << 22)
    hiddenDropout = try file.number("hidden_dropout_prob", default: 0.1)
    attentionDropout = try file.number("attention_probs_dropout_prob", default: 0.1)
    maximumPositions = try file.integer("max_position_embeddings", limit: 1 << 24)
    typeVocabularySize = try file.integer("type_vocab_size", default: 2, limit: 1 << 20)
    layerNormEpsilon = try file.number("layer_norm_eps", default: 1e-12)
    initializerRange = try file.number("initializer_range", default: 0.02)
    padTokenID = try file.integer("pad_token_id", default: 0)
    labelCount = try BertConfiguration.labelCount(file)
    activation = try BertConfiguration.activation(file)
    guard headCount > 0, hiddenSize % headCount == 0 else {
      throw ModelError.invalidField(
        file: file.path, field: "num_attention_heads", expected: "a divisor of hidden_size, \(hiddenSize)")
    }
    for (field, value) in [("hidden_dropout_prob", hiddenDropout), ("attention_probs_dropout_prob", attentionDropout)]
    where !(0..<1).contains(value) {
      throw ModelError.invalidField(file: file.path, field: field, expected: "at least 0 and less than 1")
    }
    let positions = try file.string("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw ModelError.unsupported(
        file: file.path, field: "position_embedding_type", value: positions, supported: ["absolute"])
    }
  }

  private static func labelCount(_ file: ConfigurationFile) throws -> Int {
    if let labels = file.value["id2label"]?.object { return labels.count }
    return try file.integer("num_labels", default: 2, limit: 1 << 20)
  }

  private static func activation(_ file: ConfigurationFile) throws -> Activation {
    let name = try file.string("hidden_act", default: "gelu")
    let known: [String: Activation] = [
      "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "relu": .relu, "silu": .silu,
      "swish": .silu, "tanh": .tanh,
    ]
    guard let activation = known[name] else {
      throw ModelError.unsupported(
        file: file.path, field: "hidden_act", value: name, supported: known.keys.sorted())
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
