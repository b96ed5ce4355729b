import DeepSeekCheckpoints
import DeepSeekTokenizers

/// What the metadata of a GGUF file say of a tokenizer.
struct GGUFVocabulary {
  /// How words become tokens.
  enum Model {
    case byteLevel(merges: [String], words: Tokenizer.WordCutting, ignoresMerges: Bool)
    case sentencePieces(scores: [Float], addsSpace: Bool)
  }

  /// Tokens by id.
  let tokens: [String]
  /// What each token is; all normal when empty.
  let kinds: [Tokenizer.TokenKind]
  /// The tokens put before a text.
  let prefix: [Int]
  /// How words become tokens.
  let model: Model

  /// Throws ``ModelError`` that names file and key.
  init(_ file: GGUFFile) throws {
    func missing(_ key: String, _ expected: String) -> ModelError {
      .invalidField(file: file.path, field: "tokenizer.ggml.\(key)", expected: expected)
    }
    guard let tokens = file["tokenizer.ggml.tokens"]?.array?.strings else { throw missing("tokens", "a list of texts") }
    let numbers = file["tokenizer.ggml.token_type"]?.array?.integers ?? []
    kinds = numbers.map { Tokenizer.TokenKind(rawValue: $0) ?? .normal }
    guard kinds.isEmpty || kinds.count == tokens.count else {
      throw missing("token_type", "a list of \(tokens.count) numbers, one for each token")
    }
    self.tokens = tokens
    func prefix(default isAdded: Bool) -> [Int] {
      guard file["tokenizer.ggml.add_bos_token"]?.bool ?? isAdded else { return [] }
      return file["tokenizer.ggml.bos_token_id"]?.int.map { [$0] } ?? []
    }
    let model = file["tokenizer.ggml.model"]?.string ?? ""
    switch model {
    case "gpt2":
      guard let merges = file["tokenizer.ggml.merges"]?.array?.strings else {
        throw missing("merges", "a list of texts")
      }
      let name = file["tokenizer.ggml.pre"]?.string ?? "default"
      guard let words = GGUFVocabulary.wordCuttings.first(where: { $0.key == name })?.value else {
        throw ModelError.unsupported(
          file: file.path, field: "tokenizer.ggml.pre", value: name, supported: GGUFVocabulary.wordCuttings.map(\.key))
      }
      self.prefix = prefix(default: false)
      self.model = .byteLevel(merges: merges, words: words, ignoresMerges: name == "llama-bpe")
    case "llama":
      guard let scores = file["tokenizer.ggml.scores"]?.array?.doubles else {
        throw missing("scores", "a list of numbers")
      }
      self.prefix = prefix(default: true)
      self.model = .sentencePieces(
        scores: scores.map { Float($0) }, addsSpace: file["tokenizer.ggml.add_space_prefix"]?.bool ?? true)
    default:
      throw ModelError.unsupported(
        file: file.path, field: "tokenizer.ggml.model", value: model, supported: ["gpt2", "llama"])
    }
  }

  /// How the models that llama.cpp has names for cut text into words.
  private static let wordCuttings: KeyValuePairs<String, Tokenizer.WordCutting> = [
    "default": .gpt2, "gpt-2": .gpt2, "smollm": .singleDigits, "llama-bpe": .pattern(words(digits: "{1,3}")),
    "qwen2": .pattern(words(digits: "")),
  ]

  /// The words of Llama 3 and Qwen2, which differ in how many digits stay together.
  private static func words(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
