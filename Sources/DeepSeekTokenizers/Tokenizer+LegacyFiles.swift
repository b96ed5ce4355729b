internal import DeepSeekJSON

extension Tokenizer {
  /// Makes BERT's tokenizer of a `vocab.txt`: one token a line, its id the line's number.
  /// - Parameters:
  ///   - path: The file.
  ///   - lowercases: Whether text is brought to lower case and loses its accents ("uncased" models).
  /// - Throws: `TokenizerError`; `missingToken` when `[UNK]`, `[CLS]` or `[SEP]` is not in the file.
  public init(bertVocabularyFile path: String, lowercases: Bool) throws(TokenizerError) {
    let bytes = try FileBytes.read(path)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw .unreadableFile(path: path, reason: "not UTF-8")
    }
    var vocabulary = Vocabulary(capacity: bytes.count / 8)
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (id, line) in lines.enumerated() {
      let token = line.last == 0x0D ? line.dropLast() : line
      token.withUnsafeBufferPointer { vocabulary.insert($0, id: Int32(id)) }
    }
    func id(_ token: String) throws(TokenizerError) -> Int {
      guard let id = vocabulary.id(of: token) else { throw .missingToken(token) }
      return Int(id)
    }
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].filter { vocabulary.id(of: $0) != nil }
    try self.init(
      model: .wordPiece(
        try WordPieceModel(
          vocabulary: vocabulary, unknownToken: "[UNK]", prefix: Array("##".utf8), maximumWordLength: 100)),
      normalizer: .bert(
        BertNormalizer(
          cleansText: true, isolatesChinese: true, stripsAccents: lowercases, lowercases: lowercases)),
      preTokenizer: .bert,
      postProcessor: .template(
        TemplateProcessing(
          single: [.special("[CLS]", typeID: 0), .sequence(0, typeID: 0), .special("[SEP]", typeID: 0)],
          pair: [
            .special("[CLS]", typeID: 0), .sequence(0, typeID: 0), .special("[SEP]", typeID: 0),
            .sequence(1, typeID: 1), .special("[SEP]", typeID: 1),
          ],
          specials: [
            "[CLS]": .init(ids: [try id("[CLS]")], tokens: ["[CLS]"]),
            "[SEP]": .init(ids: [try id("[SEP]")], tokens: ["[SEP]"]),
          ])),
      decoder: .wordPiece(prefix: "##", cleansUp: true),
      addedTokens: special.map { AddedToken($0) })
  }

  /// Makes GPT-2's byte-level tokenizer of a `vocab.json` and a `merges.txt`.
  /// - Throws: `TokenizerError` naming the field or line that is wrong.
  public init(gpt2VocabularyFile vocabularyPath: String, mergesFile: String) throws(TokenizerError) {
    let root: JSONValue
    do {
      root = try JSONValue(
        parsing: try FileBytes.read(vocabularyPath), options: JSONParsingOptions(duplicateKeys: .keepLast))
    } catch let error as JSONError {
      throw .invalidJSON("\(vocabularyPath): \(error.description)")
    } catch let error as TokenizerError {
      throw error
    } catch {
      throw .unreadableFile(path: vocabularyPath, reason: "\(error)")
    }
    let vocabulary = try Vocabulary(Field(root, path: "vocab.json"))
    let lines = try FileBytes.read(mergesFile).split(separator: 0x0A)
      .filter { !$0.starts(with: Array("#version".utf8)) }
    let model = try BPEModel(vocabulary: vocabulary, mergeCount: lines.count, options: BPEModel.Options()) {
      (rank, read) throws(TokenizerError) in
      let line = lines[rank].last == 0x0D ? lines[rank].dropLast() : lines[rank]
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw .invalidField(path: "merges.txt[\(rank)]", reason: "expected two tokens with a space between")
      }
      try read(Array(parts[0]), Array(parts[1]))
    }
    let end = "<|endoftext|>"
    try self.init(
      model: .bpe(model), normalizer: nil,
      preTokenizer: .byteLevel(ByteLevelPreTokenizer(addsPrefixSpace: false, cutsWords: true)),
      postProcessor: .byteLevel(trimsOffsets: false, addsPrefixSpace: false), decoder: .byteLevel,
      addedTokens: vocabulary.id(of: end) == nil ? [] : [AddedToken(end)])
  }

  /// Reads the tokenizer of a model's folder: `tokenizer.json`, or else `vocab.txt`, `vocab.json` with `merges.txt`, or
  /// a SentencePiece model.
  /// - Throws: `TokenizerError`; `unreadableFile` when the folder has none of them.
  public init(directory path: String) throws(TokenizerError) {
    func file(_ name: String) -> String? {
      let full = "\(path)/\(name)"
      return FileBytes.exists(full) ? full : nil
    }
    if let json = file("tokenizer.json") {
      try self.init(contentsOfFile: json)
    } else if let text = file("vocab.txt") {
      let configuration = try TokenizerConfiguration(directory: path)
      try self.init(bertVocabularyFile: text, lowercases: configuration.lowercases ?? true)
    } else if let vocabulary = file("vocab.json"), let merges = file("merges.txt") {
      try self.init(gpt2VocabularyFile: vocabulary, mergesFile: merges)
    } else if let model = file("tokenizer.model") ?? file("spiece.model") ?? file("sentencepiece.bpe.model") {
      try self.init(sentencePieceFile: model)
    } else {
      throw .unreadableFile(
        path: path, reason: "neither tokenizer.json, vocab.txt, vocab.json with merges.txt, nor a SentencePiece model")
    }
  }
}
