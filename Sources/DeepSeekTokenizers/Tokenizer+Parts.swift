extension Tokenizer {
  /// How a byte-level tokenizer cuts text into words before it merges bytes.
  public enum WordCutting: Sendable, Hashable {
    /// GPT-2's.
    case gpt2
    /// GPT-2's, after every digit was cut off: SmolLM's.
    case singleDigits
    /// A regular expression whose matches are the words, as Llama 3 and Qwen2 have.
    case pattern(String)
  }

  /// A token's part in a vocabulary that is given in pieces.
  public enum TokenKind: Int, Sendable, Hashable {
    /// Made by merging.
    case normal = 1
    /// Stands for what the vocabulary lacks.
    case unknown
    /// Found in text before anything else, and left out of decoded text.
    case control
    /// Found in text before anything else.
    case userDefined
    /// Never used.
    case unused
    /// A byte that no other token holds.
    case byte
  }

  /// Makes a byte-level BPE tokenizer of its parts: what GGUF files carry.
  ///
  /// - Parameters:
  ///   - tokens: The vocabulary in the byte alphabet, by id.
  ///   - kinds: What each token is; all normal when empty.
  ///   - merges: The merges in the order in which they were learned, both halves with a space between.
  ///   - words: How text is cut into words.
  ///   - ignoresMerges: Whether a word that is a token is never cut.
  ///   - prefix: The ids of tokens put before a text, if any.
  /// - Throws: `TokenizerError` naming the merge that is wrong.
  public init(
    byteLevelTokens tokens: [String], kinds: [TokenKind] = [], merges: [String], words: WordCutting,
    ignoresMerges: Bool = false, prefix: [Int] = []
  ) throws(TokenizerError) {
    var vocabulary = Vocabulary(capacity: tokens.count)
    for (id, token) in tokens.enumerated() { vocabulary.insert(token, id: Int32(id)) }
    var options = BPEModel.Options()
    options.ignoresMerges = ignoresMerges
    let model = try BPEModel(vocabulary: vocabulary, mergeCount: merges.count, options: options) {
      (rank, read) throws(TokenizerError) in
      // A half may begin with a space of its own only in vocabularies that are not in the byte alphabet.
      let parts = merges[rank].utf8.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw .invalidField(path: "merges[\(rank)]", reason: "expected two tokens with a space between")
      }
      try read(Array(parts[0]), Array(parts[1]))
    }
    let cutting: PreTokenizer
    let bytes = ByteLevelPreTokenizer(addsPrefixSpace: false, cutsWords: false)
    switch words {
    case .gpt2: cutting = .byteLevel(ByteLevelPreTokenizer(addsPrefixSpace: false, cutsWords: true))
    case .singleDigits:
      cutting = .sequence([
        .classes(.number, .isolated), .byteLevel(ByteLevelPreTokenizer(addsPrefixSpace: false, cutsWords: true)),
      ])
    case .pattern(let text):
      cutting = .sequence([
        .pattern(.regex(try RegexProgram(text)), .isolated, inverted: false), .byteLevel(bytes),
      ])
    }
    try self.init(
      model: .bpe(model), normalizer: nil, preTokenizer: cutting,
      postProcessor: try Tokenizer.postProcessor(prefix, tokens), decoder: .byteLevel,
      addedTokens: Tokenizer.addedTokens(tokens, kinds))
  }

  /// Makes a tokenizer of SentencePiece's pieces, their scores and kinds: what GGUF files carry.
  ///
  /// - Parameters:
  ///   - pieces: Pieces by id, with `▁` for spaces.
  ///   - scores: Merges with higher scores come first.
  ///   - kinds: What each piece is.
  ///   - addsSpace: Whether a space is put before a text.
  ///   - prefix: The ids of tokens put before a text, if any.
  /// - Throws: `TokenizerError` naming what is wrong.
  public init(
    sentencePieces pieces: [String], scores: [Float], kinds: [TokenKind], addsSpace: Bool, prefix: [Int] = []
  ) throws(TokenizerError) {
    guard scores.count == pieces.count, kinds.count == pieces.count else {
      throw .invalidField(
        path: "scores", reason: "\(scores.count) scores and \(kinds.count) kinds for \(pieces.count) pieces")
    }
    var file = SentencePieceFile()
    file.modelType = 2
    file.addsPrefix = addsSpace
    file.removesExtraSpaces = false
    for (index, text) in pieces.enumerated() {
      let kind = SentencePieceFile.Kind(rawValue: UInt64(kinds[index].rawValue)) ?? .normal
      guard scores[index].isFinite else {
        throw .invalidField(path: "scores[\(index)]", reason: "a score that is no number")
      }
      file.pieces.append(SentencePieceFile.Piece(text: text, score: scores[index], kind: kind))
    }
    try self.init(file, postProcessor: try Tokenizer.postProcessor(prefix, pieces))
  }

  /// Puts tokens before a text; `nil` for none.
  private static func postProcessor(_ prefix: [Int], _ tokens: [String]) throws(TokenizerError) -> PostProcessor? {
    if prefix.isEmpty { return nil }
    var specials: [String: TemplateProcessing.Special] = [:]
    var parts: [TemplateProcessing.Part] = []
    for id in prefix {
      guard tokens.indices.contains(id) else { throw .missingToken("number \(id)") }
      specials[tokens[id]] = .init(ids: [id], tokens: [tokens[id]])
      parts.append(.special(tokens[id], typeID: 0))
    }
    return .template(
      TemplateProcessing(
        single: parts + [.sequence(0, typeID: 0)],
        pair: parts + [.sequence(0, typeID: 0)] + parts + [.sequence(1, typeID: 0)], specials: specials))
  }

  private static func addedTokens(_ tokens: [String], _ kinds: [TokenKind]) -> [AddedToken] {
    zip(tokens, kinds).compactMap { token, kind in
      switch kind {
      case .control, .unknown: AddedToken(token)
      case .userDefined: AddedToken(token, isSpecial: false)
      case .normal, .unused, .byte: nil
      }
    }
  }
}
