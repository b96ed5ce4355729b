public import DeepSeekJSON
public import DeepSeekTensor

/// What `deepseek.json` says of a checkpoint's folder.
///
/// ```json
/// {
///   "framework_version": "3.0.0",
///   "format_version": 1,
///   "dtype": "float32",
///   "training_state": {"step": 1000, "epoch": 2, "values": {}},
///   "files": {"model.safetensors": {"size": 90868376, "sha256": "53aa51…"}}
/// }
/// ```
///
/// Members that this version does not know are kept in ``extra`` and written back.
public struct CheckpointManifest: Sendable, Equatable {
  /// What is written down of one file.
  public struct File: Sendable, Hashable {
    /// Its length in bytes.
    public var byteCount: Int
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    public var digest: String

    /// A file's length and digest.
    public init(byteCount: Int, digest: String) {
      self.byteCount = byteCount
      self.digest = digest
    }
  }

  /// The version of the framework that wrote the folder.
  public var frameworkVersion: String
  /// The version of the folder's layout, from 1.
  public var formatVersion: Int
  /// The type of most of the model's elements; `nil` when the folder has no model.
  public var dtype: DType?
  /// Where training stood; `nil` when the folder is a model alone.
  public var trainingState: TrainingState?
  /// Every other file of the folder by name.
  public var files: [String: File]
  /// Members of the object that this version does not know.
  public var extra: JSONObject

  /// The file's name.
  public static let fileName = "deepseek.json"
  /// The layout that this version writes; newer ones are refused.
  public static let currentFormatVersion = 1

  /// A manifest of the current version.
  public init(dtype: DType?, trainingState: TrainingState? = nil, files: [String: File] = [:]) {
    self.frameworkVersion = DeepSeekTensor.frameworkVersion
    formatVersion = CheckpointManifest.currentFormatVersion
    self.dtype = dtype
    self.trainingState = trainingState
    self.files = files
    extra = JSONObject()
  }

  /// The text of `deepseek.json`.
  /// - Throws: `JSONError` when ``trainingState`` or ``extra`` has a number that is not finite.
  public func encoded() throws -> [UInt8] {
    var object = JSONObject()
    object["framework_version"] = .string(frameworkVersion)
    object["format_version"] = .integer(formatVersion)
    if let dtype { object["dtype"] = .string(dtype.description) }
    if let trainingState { object["training_state"] = trainingState.json }
    var list = JSONObject()
    for (name, file) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      list[name] = ["size": .integer(file.byteCount), "sha256": .string(file.digest)]
    }
    object["files"] = .object(list)
    for member in extra.members where object[member.key] == nil { object[member.key] = member.value }
    return try JSONValue.object(object).serialized(.indented(2)) + [UInt8(ascii: "\n")]
  }

  /// Reads the text of `deepseek.json`; `path` names it in errors.
  /// - Throws: ``CheckpointError`` that names the field.
  public init(parsing bytes: [UInt8], path: String) throws {
    func failure(_ item: String, _ message: String, _ kind: CheckpointError.Kind = .malformed) -> CheckpointError {
      CheckpointError(
        kind, file: path, item: item, message,
        advice: kind == .unsupported ? "update the framework" : "write the checkpoint again, or restore the file")
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw CheckpointError(
        .malformed, file: path, offset: error.offset, "it is not valid: \(error)", advice: "restore the file")
    }
    guard var object = value.object else { throw failure("", "it is \(value.kind), not an object") }
    guard let formatVersion = object["format_version"]?.integer, formatVersion >= 1 else {
      throw failure("format_version", "it is missing or not a positive integer")
    }
    guard formatVersion <= CheckpointManifest.currentFormatVersion else {
      throw failure(
        "format_version",
        "the folder's layout is version \(formatVersion); this framework reads up to "
          + "\(CheckpointManifest.currentFormatVersion)", .unsupported)
    }
    guard let frameworkVersion = object["framework_version"]?.string else {
      throw failure("framework_version", "it is missing or not a string")
    }
    self.formatVersion = formatVersion
    self.frameworkVersion = frameworkVersion
    if let name = object["dtype"] {
      guard let dtype = name.string.flatMap(DType.init(name:)) else {
        throw failure("dtype", "it is not an element type")
      }
      self.dtype = dtype
    }
    if let state = object["training_state"] {
      guard let parsed = TrainingState(state) else {
        throw failure("training_state", "it lacks 'step' and 'epoch', each an integer from 0")
      }
      trainingState = parsed
    }
    guard let list = object["files"]?.object else { throw failure("files", "it is missing or not an object") }
    var files: [String: File] = [:]
    for member in list.members {
      let item = "files.\(member.key)"
      guard ShardIndex.isPlainName(member.key) else { throw failure(item, "it is not a file of this folder") }
      guard let size = member.value["size"]?.integer, size >= 0, let digest = member.value["sha256"]?.string,
        digest.utf8.count == 64
      else { throw failure(item, "it lacks 'size' or 'sha256'") }
      files[member.key] = File(byteCount: size, digest: digest)
    }
    self.files = files
    for key in ["framework_version", "format_version", "dtype", "training_state", "files"] { object[key] = nil }
    extra = object
  }
}
