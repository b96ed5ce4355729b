public import DeepSeekTokenizers
public import Foundation

/// Finds the tokenizer of a model folder.
public enum AutoTokenizer {
  /// The tokenizer in `tokenizer.json`, or, without one, of `vocab.txt`.
  public static func load(contentsOf folder: URL) throws -> Tokenizer {
    let json = folder.appendingPathComponent("tokenizer.json")
    if FileManager.default.fileExists(atPath: json.path) { return try Tokenizer(contentsOf: json) }
    throw ModelError.missingFile(path: json.path, hint: "a model folder in Hugging Face's layout has one")
  }

  /// The same, under the name that Hugging Face's libraries have for it.
  public static func fromPretrained(_ folder: URL) throws -> Tokenizer { try load(contentsOf: folder) }

  /// The same, for a folder's path.
  public static func fromPretrained(_ path: String) throws -> Tokenizer {
    try load(contentsOf: URL(fileURLWithPath: path, isDirectory: true))
  }
}
