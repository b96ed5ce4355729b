/// Why a tokenizer could not be loaded, or a text not be encoded.
public enum TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file could not be read.
  case unreadableFile(path: String, reason: String)
  /// A file is not JSON; the text says where.
  case invalidJSON(String)
  /// A field is missing or has the wrong kind or value. The path reads like `model.vocab`.
  case invalidField(path: String, reason: String)
  /// A component whose type this library does not know, such as `{"type": "Mystery"}`.
  case unknownComponent(path: String, type: String)
  /// A regular expression that cannot be read, or uses what is not supported; offset in characters of the pattern.
  case invalidPattern(pattern: String, offset: Int, reason: String)
  /// A regular expression took more steps over a text than is sane; its pattern nests repetitions.
  case patternTooSlow(pattern: String)
  /// A token that has to be in the vocabulary is not.
  case missingToken(String)
  /// A text holds what the vocabulary lacks, and the model names no unknown token.
  case noUnknownToken(model: String)
  /// Truncation that cannot be done: the stride or the special tokens leave no room, or the side to be cut is too short.
  case impossibleTruncation(String)
  /// A text longer than can be addressed (2 GiB of UTF-8).
  case textTooLong(byteCount: Int)
  /// A decoded stream whose text changed behind what was already given out.
  case unstableDecoding

  /// One sentence that says what was wrong and where.
  public var description: String {
    switch self {
    case .unreadableFile(let path, let reason): "cannot read \(path): \(reason)"
    case .invalidJSON(let reason): reason
    case .invalidField(let path, let reason): "tokenizer field \(path): \(reason)"
    case .unknownComponent(let path, let type): "tokenizer field \(path): unknown type \"\(type)\""
    case .invalidPattern(let pattern, let offset, let reason):
      "regular expression \"\(pattern)\", character \(offset): \(reason)"
    case .patternTooSlow(let pattern): "regular expression \"\(pattern)\" takes too many steps"
    case .missingToken(let token): "the token \"\(token)\" is not in the vocabulary"
    case .noUnknownToken(let model):
      "the text holds what the vocabulary lacks, and the \(model) model names no unknown token"
    case .impossibleTruncation(let reason): "cannot truncate: \(reason)"
    case .textTooLong(let count): "a text of \(count) bytes is longer than 2 GiB"
    case .unstableDecoding: "the decoded text changed behind what was already given out"
    }
  }
}
