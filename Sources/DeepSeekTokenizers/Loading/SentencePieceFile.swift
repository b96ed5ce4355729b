/// A SentencePiece model file (`sentencepiece_model.proto`): pieces with scores and types, and how text is normalized.
struct SentencePieceFile {
  enum Kind: UInt64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  struct Piece {
    var text = ""
    var score: Float = 0
    var kind = Kind.normal
  }

  var pieces: [Piece] = []
  /// 1 for Unigram, 2 for BPE.
  var modelType: UInt64 = 1
  var characterMap: [UInt8] = []
  var addsPrefix = true
  var removesExtraSpaces = true
  var escapesSpaces = true

  /// No pieces yet.
  init() {}

  init(_ bytes: [UInt8]) throws(TokenizerError) {
    var reader = ProtobufReader(bytes[...], name: "SentencePiece model")
    while let (field, value) = try reader.next() {
      guard case .bytes(let message) = value else { continue }
      switch field {
      case 1: pieces.append(try Self.piece(message))
      case 2: try readTrainer(message)
      case 3: try readNormalizer(message)
      default: break
      }
    }
    guard !pieces.isEmpty else { throw .invalidField(path: "SentencePiece model", reason: "no pieces") }
  }

  private static func piece(_ message: ArraySlice<UInt8>) throws(TokenizerError) -> Piece {
    var piece = Piece()
    var reader = ProtobufReader(message, name: "SentencePiece piece")
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes)):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw .invalidField(path: "SentencePiece piece", reason: "not UTF-8 at byte \(bytes.startIndex)")
        }
        piece.text = text
      case (2, .fixed32(let bits)): piece.score = Float(bitPattern: bits)
      case (3, .varint(let kind)): piece.kind = Kind(rawValue: kind) ?? .normal
      default: break
      }
    }
    guard piece.score.isFinite else {
      throw .invalidField(path: "SentencePiece piece", reason: "a score that is no number")
    }
    return piece
  }

  private mutating func readTrainer(_ message: ArraySlice<UInt8>) throws(TokenizerError) {
    var reader = ProtobufReader(message, name: "SentencePiece trainer_spec")
    while let (field, value) = try reader.next() {
      if case (3, .varint(let type)) = (field, value) { modelType = type }
    }
  }

  private mutating func readNormalizer(_ message: ArraySlice<UInt8>) throws(TokenizerError) {
    var reader = ProtobufReader(message, name: "SentencePiece normalizer_spec")
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (2, .bytes(let bytes)): characterMap = Array(bytes)
      case (3, .varint(let flag)): addsPrefix = flag != 0
      case (4, .varint(let flag)): removesExtraSpaces = flag != 0
      case (5, .varint(let flag)): escapesSpaces = flag != 0
      default: break
      }
    }
  }
}

extension Tokenizer {
  /// Reads a SentencePiece `.model` file, Unigram or BPE.
  ///
  /// Control symbols such as `</s>` become special tokens, found in text as Hugging Face's converted tokenizers find
  /// them. No tokens are put around a text.
  /// - Throws: `TokenizerError` naming what is wrong.
  public init(sentencePieceFile path: String) throws(TokenizerError) {
    try self.init(sentencePiece: try FileBytes.read(path))
  }

  /// Reads a SentencePiece model from its bytes; see `init(sentencePieceFile:)`.
  /// - Throws: `TokenizerError` naming what is wrong.
  public init(sentencePiece bytes: [UInt8]) throws(TokenizerError) {
    try self.init(try SentencePieceFile(bytes), postProcessor: nil)
  }

  init(_ file: SentencePieceFile, postProcessor: PostProcessor?) throws(TokenizerError) {
    var added: [AddedToken] = []
    for piece in file.pieces {
      switch piece.kind {
      case .control, .unknown: added.append(AddedToken(piece.text))
      case .userDefined: added.append(AddedToken(piece.text, isSpecial: false))
      default: break
      }
    }
    var decoders: [Decoder] = [.replace(.literal(Array("▁".utf8)), with: [0x20]), .byteFallback, .fuse]
    if file.addsPrefix { decoders.append(.strip(content: " ", start: 1, stop: 0)) }
    try self.init(
      model: try Self.model(of: file), normalizer: .sequence(try Self.normalizers(of: file)), preTokenizer: nil,
      postProcessor: postProcessor, decoder: .sequence(decoders), addedTokens: added)
  }

  private static func normalizers(of file: SentencePieceFile) throws(TokenizerError) -> [Normalizer] {
    var result: [Normalizer] = []
    if !file.characterMap.isEmpty {
      result.append(
        .precompiled(try PrecompiledCharacterMap(bytes: file.characterMap, path: "precompiled_charsmap")))
    }
    if file.removesExtraSpaces {
      result.append(.strip(left: true, right: true))
      result.append(.replace(.regex(try RegexProgram(" {2,}")), with: [0x20]))
    }
    let mark = file.escapesSpaces ? "▁" : " "
    if file.addsPrefix { result.append(.prepend(mark.unicodeScalars.map(\.value))) }
    if file.escapesSpaces { result.append(.replace(.literal([0x20]), with: Array(mark.utf8))) }
    return result
  }

  private static func model(of file: SentencePieceFile) throws(TokenizerError) -> Model {
    let unknown = file.pieces.firstIndex { $0.kind == .unknown }
    let hasBytes = file.pieces.contains { $0.kind == .byte }
    switch file.modelType {
    case 1:
      return .unigram(
        try UnigramModel(
          pieces: file.pieces.map { ($0.text, Double($0.score)) }, unknownID: unknown, fallsBackToBytes: hasBytes))
    case 2:
      var options = BPEModel.Options()
      options.unknownToken = unknown.map { file.pieces[$0].text }
      options.fusesUnknown = true
      options.fallsBackToBytes = hasBytes
      return .bpe(try bytePairModel(file, options))
    default:
      throw .unknownComponent(path: "trainer_spec.model_type", type: String(file.modelType))
    }
  }

  /// SentencePiece keeps no merges: two neighbours merge when together they are a piece, those with the best score
  /// first.
  private static func bytePairModel(
    _ file: SentencePieceFile, _ options: BPEModel.Options
  ) throws(TokenizerError) -> BPEModel {
    var vocabulary = Vocabulary(capacity: file.pieces.count)
    for (id, piece) in file.pieces.enumerated() { vocabulary.insert(piece.text, id: Int32(id)) }
    let order = file.pieces.indices.filter { file.pieces[$0].kind == .normal }
      .sorted { (-file.pieces[$0].score, $0) < (-file.pieces[$1].score, $1) }
    return try BPEModel(vocabulary: vocabulary, mergeCount: order.count, options: options) {
      (rank, read) throws(TokenizerError) in
      let text = Array(file.pieces[order[rank]].text.utf8)
      // Longer pieces than this are no words; the halves of one grow with the square of its length.
      guard text.count <= 1024 else { return }
      for middle in text.indices.dropFirst() where text[middle] & 0xC0 != 0x80 {
        let (left, right) = (Array(text[..<middle]), Array(text[middle...]))
        if vocabulary.id(of: left) != nil, vocabulary.id(of: right) != nil { try read(left, right) }
      }
    }
  }
}
