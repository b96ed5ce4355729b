/// WordPiece: of each word the longest piece in the vocabulary, again and again (Schuster and Nakajima 2012; as in BERT,
/// Devlin et al. 2018). A word that cannot be covered is one unknown token.
struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  let unknownToken: String
  let prefix: [UInt8]
  /// A word with more scalars is unknown without being tried.
  let maximumWordLength: Int

  private let trie: ByteTrie
  /// Where pieces inside a word begin: after the prefix; `nil` when no piece has it.
  private let continuation: UInt32?
  private let unknownID: Int32?

  init(
    vocabulary: Vocabulary, unknownToken: String, prefix: [UInt8], maximumWordLength: Int
  ) throws(TokenizerError) {
    self.vocabulary = vocabulary
    self.unknownToken = unknownToken
    self.prefix = prefix
    self.maximumWordLength = maximumWordLength
    trie = try ByteTrie(vocabulary: vocabulary)
    continuation = trie.node(prefix)
    unknownID = vocabulary.id(of: unknownToken)
  }

  func tokenize(_ word: UnsafeBufferPointer<UInt8>, into sink: inout TokenSink) throws(TokenizerError) {
    if word.count > maximumWordLength {
      var length = 0
      for byte in word where byte & 0xC0 != 0x80 { length += 1 }
      if length > maximumWordLength { return try unknown(word, &sink) }
    }
    let first = sink.ids.count
    var start = 0
    while start < word.count {
      guard var node = start == 0 ? ByteTrie.root : continuation else {
        sink.truncate(to: first)
        return try unknown(word, &sink)
      }
      var best: Int32 = -1
      var bestEnd = start
      var index = start
      while index < word.count, let next = trie.child(of: node, word[index]) {
        node = next
        index += 1
        let value = trie.values[Int(node)]
        if value >= 0 {
          best = value
          bestEnd = index
        }
      }
      guard best >= 0 else {
        sink.truncate(to: first)
        return try unknown(word, &sink)
      }
      sink.add(best, start, bestEnd)
      start = bestEnd
    }
  }

  private func unknown(_ word: UnsafeBufferPointer<UInt8>, _ sink: inout TokenSink) throws(TokenizerError) {
    guard let unknownID else { throw .missingToken(unknownToken) }
    sink.add(unknownID, 0, word.count)
  }
}

extension ByteTrie {
  /// All tokens of a vocabulary with their ids.
  init(vocabulary: Vocabulary) throws(TokenizerError) {
    self.init(expectedBytes: vocabulary.count * 8)
    for entry in 0..<vocabulary.count {
      let id = vocabulary.ids[entry]
      guard vocabulary[entry].withUnsafeBufferPointer({ insert($0, value: id) }) else {
        throw .invalidField(path: "model.vocab", reason: "more text than \(Self.maximumNodeCount) distinct prefixes")
      }
    }
  }
}
