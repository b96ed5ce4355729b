import DeepSeekCheckpoints
import DeepSeekJSON

/// The files that Hugging Face's libraries expect beside a model's tensors, found beside the source.
struct CarriedFiles {
  /// A file that goes with the tensors.
  enum Contents {
    /// A copy of a file.
    case copy(String)
    /// Bytes made of a file.
    case made([UInt8], from: String)
  }

  /// Contents by their new names.
  private(set) var files: [String: Contents] = [:]
  /// The configuration, when there is one.
  private(set) var configuration: JSONObject?
  /// The old configuration of an architecture, and its file.
  private var old: (object: JSONObject, path: String)?
  private let architecture: ArchitectureMap?

  static let configurationName = "config.json"
  /// What a model's folder may have beside tensors.
  private static let names = [
    configurationName, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json",
    "merges.txt", "special_tokens_map.json", "added_tokens.json", "spiece.model", "tokenizer.model",
    "sentencepiece.bpe.model", "preprocessor_config.json", "processor_config.json", "chat_template.jinja",
    "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
  ]

  /// Looks beside a source.
  /// - Throws: `CheckpointError` when a configuration is damaged.
  init(beside source: String, _ architecture: ArchitectureMap?) throws {
    self.architecture = architecture
    let folder = CarriedFiles.folder(of: source)
    for name in CarriedFiles.names where Folder.hasFile("\(folder)/\(name)") {
      files[name] = .copy("\(folder)/\(name)")
    }
    for (name, new) in architecture?.renamedFiles ?? [:]
    where files[new] == nil && Folder.hasFile("\(folder)/\(name)") {
      files[new] = .copy("\(folder)/\(name)")
    }
    if files[CarriedFiles.configurationName] != nil {
      configuration = try CarriedFiles.object("\(folder)/\(CarriedFiles.configurationName)")
    } else if let name = architecture?.oldConfigurationName, Folder.hasFile("\(folder)/\(name)") {
      let object = try CarriedFiles.object("\(folder)/\(name)")
      (old, configuration) = ((object, "\(folder)/\(name)"), object)
    }
  }

  /// How many layers the configuration speaks of.
  var layerCount: Int? {
    guard let configuration, let architecture else { return nil }
    return configuration[architecture.layerCountKey]?.integer
  }

  /// Makes `config.json` of an old configuration, by the tensors that are written.
  mutating func addConfiguration(for names: [String]) throws {
    guard let old, let architecture else { return }
    let object = architecture.configuration(old.object, names)
    let text: [UInt8]
    do {
      text = try JSONValue.object(object).serialized(.indented(2)) + [UInt8(ascii: "\n")]
    } catch {
      throw CheckpointError(.malformed, file: old.path, "it cannot be written again: \(error)")
    }
    files[CarriedFiles.configurationName] = .made(text, from: old.path)
  }

  /// The folder where a source stands, or that it is.
  static func folder(of source: String) -> String {
    if Folder.exists(source) { return source }
    guard let slash = source.lastIndex(of: "/") else { return "." }
    return slash == source.startIndex ? "/" : String(source[..<slash])
  }

  private static func object(_ path: String) throws -> JSONObject {
    let file = try MappedFile(path: path, access: .read)
    do {
      let value = try JSONValue(parsing: file.withBytes { Array($0) })
      if let object = value.object { return object }
      throw CheckpointError(.malformed, file: path, "it is \(value.kind), not an object")
    } catch let error as JSONError {
      throw CheckpointError(.malformed, file: path, offset: error.offset, "it is not valid: \(error)")
    }
  }
}
