/// WordLevel: every piece is one token of the vocabulary, or the unknown token.
struct WordLevelModel: Sendable {
  let vocabulary: Vocabulary
  let unknownToken: String
  private let unknownID: Int32?

  init(vocabulary: Vocabulary, unknownToken: String) {
    self.vocabulary = vocabulary
    self.unknownToken = unknownToken
    unknownID = vocabulary.id(of: unknownToken)
  }

  func tokenize(_ word: UnsafeBufferPointer<UInt8>, into sink: inout TokenSink) throws(TokenizerError) {
    guard let id = vocabulary.id(of: word) ?? unknownID else { throw .noUnknownToken(model: "WordLevel") }
    sink.add(id, 0, word.count)
  }
}
