public import DeepSeekDynamic
public import DeepSeekTensor

/// A model that is kept in a folder of Hugging Face's layout: `config.json`, `model.safetensors` (in parts when large), and
/// the tokenizer's files.
///
/// A module's keys are those of Hugging Face's checkpoints: what ``save(to:tokenizerFrom:maximumShardByteCount:)`` writes,
/// its libraries read, with no key missing and none too many. A weight that two modules share is saved once, under its first
/// key.
///
/// ```swift
/// let classifier = try BertForSequenceClassification.load(contentsOf: folder)
/// try classifier.save(to: "runs/mrpc")
/// ```
public protocol PretrainedModel: Module {
  /// What `config.json` says.
  associatedtype Configuration: ModelConfiguration

  /// The sizes and switches.
  var configuration: Configuration { get }
  /// The class that Hugging Face's libraries have for it: `BertForMaskedLM`.
  var architecture: String { get }
  /// The key under which the family's models with a head hold the bare model: `bert`. The bare model itself has none of its
  /// keys below it.
  var basePrefix: String { get }

  /// A model with fresh weights from the current ``RandomGenerator``.
  init(_ configuration: Configuration)
  /// Throws ``ModelError`` that names file and field when a configuration, which may be of another task, is none for this
  /// model.
  static func check(_ configuration: Configuration) throws
  /// A model for the weights of a checkpoint that has these keys. Its weights are loaded next; where parts are optional, the
  /// keys say which there are.
  static func skeleton(_ configuration: Configuration, for keys: [String]) -> Self

  /// Today's key for a key of a checkpoint, which may be of an older version; `nil` for what is left out without a word.
  func currentKey(_ key: String) -> String?
  /// Whether a checkpoint may lack this key of the bare model, or have it where the model lacks it. Keys of heads are
  /// always optional: a bare model's checkpoint gives a head fresh weights.
  func isOptional(_ key: String) -> Bool
  /// A fresh weight.
  func initialValue(of key: String, _ spec: TensorSpec) -> Tensor
}

extension PretrainedModel {
  /// Every configuration will do.
  public static func check(_ configuration: Configuration) throws {}

  /// A model whose parts do not depend on the checkpoint.
  public static func skeleton(_ configuration: Configuration, for keys: [String]) -> Self { Self(configuration) }

  /// The same key.
  public func currentKey(_ key: String) -> String? { key }

  /// None is.
  public func isOptional(_ key: String) -> Bool { false }

  /// Matrices and tables are normal with the configuration's deviation, scales one, biases zero.
  public func initialValue(of key: String, _ spec: TensorSpec) -> Tensor {
    if spec.shape.rank >= 2 {
      return Initializer.normal(standardDeviation: configuration.initializerRange)(spec.shape, dtype: spec.dtype)
    }
    return Initializer.constant(key.hasSuffix("weight") ? 1 : 0)(spec.shape, dtype: spec.dtype)
  }
}
