public import DeepSeekCheckpoints
import DeepSeekCompression
public import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekTensor
public import Foundation

extension PretrainedModel {
  /// Writes a folder that Hugging Face's libraries open: `config.json`, `model.safetensors` or its parts, the tokenizer's
  /// files, how it generates where the folder that it was loaded from says so, and `deepseek.json`; all of it or nothing, in
  /// place of an older checkpoint.
  ///
  /// - Parameters:
  ///   - tokenizer: The folder whose tokenizer the model uses; the one that it was loaded from when left out.
  ///   - maximumShardByteCount: Weights beyond this many bytes are cut into several files.
  /// - Throws: `CheckpointError`, also when `path` is a folder of something else.
  public func save(
    to path: String, tokenizerFrom tokenizer: URL? = nil,
    maximumShardByteCount: Int = Checkpoint.defaultMaximumShardByteCount
  ) throws {
    try CheckpointFolder.write(to: path) { writer in
      try write(to: writer, tokenizerFrom: tokenizer, maximumShardByteCount: maximumShardByteCount)
    }
  }

  /// Adds the same files to a folder that is being written, whose caller adds more: an optimizer's state, say.
  public func write(
    to writer: CheckpointFolder.Writer, tokenizerFrom tokenizer: URL? = nil,
    maximumShardByteCount: Int = Checkpoint.defaultMaximumShardByteCount
  ) throws {
    let state = savedState()
    try writer.add(state, maximumShardByteCount: maximumShardByteCount)
    let dtype = state.lazy.map(\.value.dtype).first { $0.isFloatingPoint }
    try writer.add(configurationFile(dtype: dtype?.description), as: "config.json")
    if let folder = tokenizer ?? configuration.origin?.folder {
      try AutoTokenizer.addFiles(of: folder, to: writer)
    }
    if self is any CausalLanguageModel, let folder = configuration.origin?.folder {
      let path = folder.appendingPathComponent(GenerationOptions.fileName).path
      if FileManager.default.fileExists(atPath: path) { try writer.add(fileAt: path, as: GenerationOptions.fileName) }
    }
  }

  /// The contents of `config.json` for the model as it is, with what was cut and quantized of it.
  public func configurationFile(dtype: String? = nil) throws -> [UInt8] {
    var object = configuration.json(architecture: architecture, dtype: dtype).object ?? JSONObject()
    object[QuantizationRecord.field] = QuantizationRecord(of: self)?.json
    object[PruningRecord.field] = (configuration as? BertConfiguration).flatMap { sizes in
      PruningRecord(of: self, heads: sizes.headCount, neurons: sizes.intermediateSize)?.json
    }
    return try JSONValue.object(object).serialized(.indented(2)) + [UInt8(ascii: "\n")]
  }

  /// Weights and persistent buffers as they are saved: a shared one once, under its first key.
  public func savedState() -> StateDictionary {
    var seen: Set<ObjectIdentifier> = []
    var state = StateDictionary()
    visitFields { key, content in
      let parameter: Parameter
      switch content {
      case .parameter(let held): parameter = held
      case .buffer(let buffer) where buffer.isPersistent: parameter = buffer.parameter
      case .buffer, .module, .mode: return
      }
      if seen.insert(ObjectIdentifier(parameter)).inserted { state[key] = parameter.value }
    }
    return state
  }
}
