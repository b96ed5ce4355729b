public import DeepSeekJSON
public import Foundation

/// What `config.json` says of a model: its sizes and switches, the names of its classes, and where it came from.
public protocol ModelConfiguration: Sendable {
  /// The configuration in a file, whose errors name file and field.
  init(_ file: ConfigurationFile) throws

  /// The family's `model_type`: `bert`.
  var modelType: String { get }
  /// Width of the hidden states.
  var hiddenSize: Int { get }
  /// Entries of the token table.
  var vocabularySize: Int { get }
  /// The longest sequence.
  var maximumLength: Int { get }
  /// The token that pads short sequences.
  var padTokenID: Int { get }
  /// Standard deviation of fresh weights.
  var initializerRange: Double { get }
  /// The classes of a classifier's head.
  var labels: ClassLabels { get set }
  /// The folder that the configuration was read from; `nil` for one made in code.
  var origin: ModelOrigin? { get set }
  /// The members of `config.json` that this type knows, under Hugging Face's names; ``labels`` and `model_type` are written
  /// by ``json(architecture:dtype:)``.
  var fields: JSONObject { get }
}

/// Where a model came from. A model remembers it, so that its tokenizer is found, and so that members of `config.json` that
/// this framework does not know are written back.
public struct ModelOrigin: Sendable, Equatable {
  /// The folder, in Hugging Face's layout.
  public let folder: URL
  /// All members of its `config.json`.
  public let fields: JSONObject

  /// A folder, and what its `config.json` says.
  public init(folder: URL, fields: JSONObject) {
    self.folder = folder
    self.fields = fields
  }
}

extension ModelConfiguration {
  /// The configuration in a model folder's `config.json`.
  public init(contentsOf folder: URL) throws {
    try self.init(contentsOf: folder, ConfigurationFile(modelIn: folder))
  }

  /// The configuration in a folder whose `config.json` was read already.
  init(contentsOf folder: URL, _ file: ConfigurationFile) throws {
    try self.init(file)
    origin = ModelOrigin(folder: folder, fields: file.value.object ?? JSONObject())
  }

  /// The configuration as `config.json` for Hugging Face's libraries, for a model of this architecture whose weights are of
  /// this element type: what the origin's file said, with this configuration's own members in place of its.
  public func json(architecture: String, dtype: String? = nil) -> JSONValue {
    var object = origin?.fields ?? JSONObject()
    object["architectures"] = [.string(architecture)]
    object["model_type"] = .string(modelType)
    for member in fields.members { object[member.key] = member.value }
    if let dtype {
      object["dtype"] = .string(dtype)
      // The name before version 5 of transformers.
      if object["torch_dtype"] != nil { object["torch_dtype"] = .string(dtype) }
    }
    labels.write(to: &object, always: architecture.hasSuffix("Classification"))
    return .object(object)
  }
}
