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
}
