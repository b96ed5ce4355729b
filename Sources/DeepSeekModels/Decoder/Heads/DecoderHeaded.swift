import DeepSeekDynamic

/// A decoder with a head that answers something else than the next token; serves GPT-2, Llama and its variants.
public protocol DecoderHeaded: HeadedModel where Bare: DecoderModel {
  /// What follows the family's name in the architecture: `ForSequenceClassification`.
  static var task: String { get }
  /// The decoder.
  var decoder: Bare { get }
}

extension DecoderHeaded {
  /// A model with fresh weights from the current ``RandomGenerator``.
  public init(_ configuration: Configuration) { self.init(configuration, on: Bare(configuration)) }

  /// `GPT2ForSequenceClassification`, `LlamaForSequenceClassification`, …
  public var architecture: String { configuration.architecturePrefix + Self.task }
  /// `transformer` or `model`, as the family's files have it.
  public var basePrefix: String { decoder.basePrefix }
  /// As the decoder has it.
  public func currentKey(_ key: String) -> String? { decoder.currentKey(key) }

  /// The decoder's field.
  var decoderField: ModuleField { ModuleField(basePrefix, .module(decoder)) }
}

/// What files of a family of decoders call the heads, where families differ.
public struct DecoderHeadKeys: Sendable, Hashable {
  /// The layer that classifies tokens.
  public let tokenClassifier: String
  /// The key under which a model that finds answers holds the decoder.
  public let questionBase: String

  /// These keys.
  public init(tokenClassifier: String, questionBase: String) {
    self.tokenClassifier = tokenClassifier
    self.questionBase = questionBase
  }
}
