/// What makes tokens of a piece of text.
enum Model: Sendable {
  case wordPiece(WordPieceModel)
  case wordLevel(WordLevelModel)
  case bpe(BPEModel)
  case unigram(UnigramModel)

  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.vocabulary
    case .wordLevel(let model): model.vocabulary
    case .bpe(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  /// Tokenizes every piece of a text.
  func tokenize(_ text: PreTokenizedText) throws(TokenizerError) -> TokenSink {
    var sink = TokenSink(capacity: text.text.bytes.count / 4 + 8)
    var workspace = ModelWorkspace()
    let outcome: Result<Void, TokenizerError> = text.text.bytes.withUnsafeBufferPointer { bytes in
      do throws(TokenizerError) {
        for (number, piece) in text.pieces.enumerated() {
          sink.base = piece.start
          sink.word = Int32(truncatingIfNeeded: number)
          let part = UnsafeBufferPointer(rebasing: bytes[piece.range])
          if piece.token >= 0 {
            sink.add(piece.token, 0, part.count, surface: String(decoding: part, as: UTF8.self))
            continue
          }
          switch self {
          case .wordPiece(let model): try model.tokenize(part, into: &sink)
          case .wordLevel(let model): try model.tokenize(part, into: &sink)
          case .bpe(let model): try model.tokenize(part, &workspace.bpe, into: &sink)
          case .unigram(let model): try model.tokenize(part, &workspace.unigram, into: &sink)
          }
        }
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
    return sink
  }
}

/// Memory that models use again from piece to piece.
struct ModelWorkspace {
  var bpe = BPEModel.Workspace()
  var unigram = UnigramModel.Workspace()
}
