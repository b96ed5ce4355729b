public import DeepSeekCheckpoints
public import DeepSeekTokenizers

extension Tokenizer {
  /// The tokenizer in the metadata of a GGUF file: byte-level BPE (`gpt2`) or SentencePiece's (`llama`).
  ///
  /// Throws ``ModelError`` that names file and key for another, and `TokenizerError`.
  public init(_ file: GGUFFile) throws {
    let vocabulary = try GGUFVocabulary(file)
    switch vocabulary.model {
    case .byteLevel(let merges, let words, let ignoresMerges):
      try self.init(
        byteLevelTokens: vocabulary.tokens, kinds: vocabulary.kinds, merges: merges, words: words,
        ignoresMerges: ignoresMerges, prefix: vocabulary.prefix)
    case .sentencePieces(let scores, let addsSpace):
      try self.init(
        sentencePieces: vocabulary.tokens, scores: scores, kinds: vocabulary.kinds, addsSpace: addsSpace,
        prefix: vocabulary.prefix)
    }
  }
}
