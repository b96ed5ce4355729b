import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTokenizers
import Foundation

/// A model that a command was given by its folder, its id, or its GGUF file, and what lies beside it.
struct TextModelSource {
  private let name: String
  /// `nil` for a GGUF file.
  private let folder: URL?
  let model: any TextModel

  init(_ name: String) throws {
    self.name = name
    if name.lowercased().hasSuffix(".gguf") {
      folder = nil
      model = try AutoModelForCausalLM.fromPretrained(name)
    } else {
      let folder = try ModelSource(name).folder()
      self.folder = folder
      model = try AnyTextModel.open(folder)
    }
  }

  func tokenizer() throws -> Tokenizer { try AutoTokenizer.fromPretrained(folder?.path ?? name) }

  /// Adds to a folder that the model was saved in what saving does not: how sentences are pooled; of a GGUF file the tokenizer.
  func addFiles(to output: String) throws {
    if let folder { return try SentenceFiles.copy(from: folder, to: URL(fileURLWithPath: output, isDirectory: true)) }
    try AtomicFile.write(AutoTokenizer.fileContents(of: GGUF.open(name)), to: output + "/tokenizer.json")
  }
}

/// Opens a model folder by what its `config.json` says that it is for.
enum AnyTextModel {
  /// The model of the folder's first architecture; the bare one where it has none.
  static func open(_ folder: URL) throws -> any TextModel {
    let file = try ConfigurationFile(modelIn: folder)
    let architecture = file.value["architectures"]?.array?.first?.string ?? ""
    if architecture.hasSuffix("ForSequenceClassification") {
      return try AutoModelForSequenceClassification.fromPretrained(folder)
    }
    if architecture.hasSuffix("ForTokenClassification") {
      return try AutoModelForTokenClassification.fromPretrained(folder)
    }
    if architecture.hasSuffix("ForQuestionAnswering") {
      return try AutoModelForQuestionAnswering.fromPretrained(folder)
    }
    if architecture.hasSuffix("ForMaskedLM") { return try AutoModelForMaskedLM.fromPretrained(folder) }
    if architecture.hasSuffix("ForCausalLM") || architecture.hasSuffix("LMHeadModel") {
      return try AutoModelForCausalLM.fromPretrained(folder)
    }
    return try AutoModel.fromPretrained(folder)
  }
}

/// What sentence-transformers keeps beside a model.
enum SentenceFiles {
  private static let names = ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"]

  /// Copies those files, and the folders that `modules.json` names, where there are any.
  static func copy(from source: URL, to target: URL) throws {
    var names = names.filter { FileManager.default.fileExists(atPath: source.appendingPathComponent($0).path) }
    if let modules = try ConfigurationFile(optional: "modules.json", in: source) {
      for module in modules.value.array ?? [] {
        guard let path = module["path"]?.string, !path.isEmpty, !path.contains(".."), !path.contains("/") else {
          continue
        }
        if FileManager.default.fileExists(atPath: source.appendingPathComponent(path).path) { names.append(path) }
      }
    }
    for name in names {
      let copy = target.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: copy.path) { try FileManager.default.removeItem(at: copy) }
      try FileManager.default.copyItem(at: source.appendingPathComponent(name), to: copy)
    }
  }
}
