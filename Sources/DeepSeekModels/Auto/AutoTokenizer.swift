public import DeepSeekCheckpoints
public import DeepSeekTokenizers
public import Foundation

/// Finds the tokenizer of a model folder.
public enum AutoTokenizer {
  /// The files that a tokenizer may consist of.
  public static let files = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt",
    "vocab.json",
    "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "chat_template.jinja",
  ]

  /// The tokenizer in `tokenizer.json`; without one, of `vocab.txt`, of `vocab.json` with `merges.txt`, or of a SentencePiece
  /// model.
  ///
  /// It neither pads nor cuts texts until it is told so (`padding`, `truncation`), whatever the file says, as in transformers;
  /// `Tokenizer(directory:)` keeps the file's settings.
  public static func load(contentsOf folder: URL) throws -> Tokenizer {
    guard files.contains(where: { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) })
    else {
      throw ModelError.missingFile(
        path: folder.appendingPathComponent("tokenizer.json").path,
        hint: "a model folder in Hugging Face's layout has one")
    }
    var tokenizer = try Tokenizer(directory: folder.path)
    tokenizer.padding = nil
    tokenizer.truncation = nil
    return tokenizer
  }

  /// The same, under the name that Hugging Face's libraries have for it.
  public static func fromPretrained(_ folder: URL) throws -> Tokenizer { try load(contentsOf: folder) }

  /// The same, for a folder's path or an id, see ``ModelSource``; or that in the metadata of a GGUF file.
  public static func fromPretrained(_ pathOrID: String) throws -> Tokenizer {
    if isGGUF(pathOrID) { return try Tokenizer(GGUF.open(pathOrID)) }
    return try load(contentsOf: ModelSource(pathOrID).folder())
  }

  /// Adds the tokenizer's files of a folder to one that is being written.
  public static func addFiles(of folder: URL, to writer: CheckpointFolder.Writer) throws {
    for name in files {
      let path = folder.appendingPathComponent(name).path
      if FileManager.default.fileExists(atPath: path) { try writer.add(fileAt: path, as: name) }
    }
  }

  /// Copies the tokenizer's files of a folder into another, which is made when it is not there. Each file is replaced whole.
  public static func save(contentsOf folder: URL, to path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for name in files {
      let source = folder.appendingPathComponent(name).path
      guard FileManager.default.fileExists(atPath: source) else { continue }
      try MappedFile(path: source).withBytes { try AtomicFile.write($0, to: "\(path)/\(name)") }
    }
  }
}
