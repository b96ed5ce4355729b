import DeepSeekDynamic

/// A BERT encoder with a head on it; serves all families of ``BertFamily``.
public protocol BertHeaded: HeadedModel where Configuration == BertConfiguration, Bare == BertModel {
  /// What follows the family's name in the architecture: `ForMaskedLM`.
  static var task: String { get }
  /// The encoder.
  var bert: BertModel { get }
}

extension BertHeaded {
  /// `BertForMaskedLM`, `RobertaForMaskedLM`, …
  public var architecture: String { configuration.family.architecturePrefix + Self.task }
  /// `bert`, `roberta`, …
  public var basePrefix: String { configuration.family.prefix }

  /// Leaves out tables of positions; maps names of checkpoints that came from TensorFlow.
  public func currentKey(_ key: String) -> String? { BertKeys.current(key) }

  /// The pooler is.
  public func isOptional(_ key: String) -> Bool { key.hasPrefix(basePrefix + "." + BertPooler.key) }

  /// The encoder's field.
  var encoderField: ModuleField { ModuleField(basePrefix, .module(bert)) }
}
