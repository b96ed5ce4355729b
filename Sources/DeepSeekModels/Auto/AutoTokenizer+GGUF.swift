public import DeepSeekCheckpoints
import DeepSeekJSON
import DeepSeekTokenizers

extension AutoTokenizer {
  /// The contents of a `tokenizer.json` for the byte-level tokenizer in the metadata of a GGUF file, which Hugging Face's
  /// libraries open too.
  ///
  /// Throws ``ModelError`` that names file and key; for a SentencePiece tokenizer, too, which a `tokenizer.json` would have to
  /// hold with merges that the file does not have.
  public static func fileContents(of file: GGUFFile) throws -> [UInt8] {
    let vocabulary = try GGUFVocabulary(file)
    guard case .byteLevel(let merges, let words, let ignoresMerges) = vocabulary.model else {
      throw ModelError.unsupported(
        file: file.path, field: "tokenizer.ggml.model", value: "llama", supported: ["gpt2"])
    }
    var ids = JSONObject()
    for (id, token) in vocabulary.tokens.enumerated() { ids[token] = .integer(id) }
    let model: JSONValue = [
      "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
      "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": .bool(ignoresMerges),
      "vocab": .object(ids), "merges": .array(merges.map { .string($0) }),
    ]
    let root: JSONValue = [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(added(vocabulary)),
      "normalizer": .null, "pre_tokenizer": cutting(words), "post_processor": try template(vocabulary, file.path),
      "decoder": byteLevel(cutsWords: true), "model": model,
    ]
    return try root.serialized()
  }

  private static func added(_ vocabulary: GGUFVocabulary) -> [JSONValue] {
    zip(vocabulary.tokens, vocabulary.kinds).enumerated().compactMap { id, entry in
      let (token, kind) = entry
      guard kind == .control || kind == .unknown || kind == .userDefined else { return nil }
      return [
        "id": .integer(id), "content": .string(token), "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": .bool(kind != .userDefined),
      ]
    }
  }

  private static func cutting(_ words: Tokenizer.WordCutting) -> JSONValue {
    let parts: [JSONValue] =
      switch words {
      case .gpt2: [byteLevel(cutsWords: true)]
      case .singleDigits: [["type": "Digits", "individual_digits": true], byteLevel(cutsWords: true)]
      case .pattern(let text):
        [
          ["type": "Split", "pattern": ["Regex": .string(text)], "behavior": "Isolated", "invert": false],
          byteLevel(cutsWords: false),
        ]
      }
    return parts.count == 1 ? parts[0] : ["type": "Sequence", "pretokenizers": .array(parts)]
  }

  private static func byteLevel(cutsWords: Bool) -> JSONValue {
    ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(cutsWords)]
  }

  /// Puts the prefix before each text; null without one.
  private static func template(_ vocabulary: GGUFVocabulary, _ path: String) throws -> JSONValue {
    if vocabulary.prefix.isEmpty { return .null }
    let tokens = try vocabulary.prefix.map { id in
      guard vocabulary.tokens.indices.contains(id) else {
        throw ModelError.invalidField(
          file: path, field: "tokenizer.ggml.bos_token_id", expected: "the number of a token")
      }
      return vocabulary.tokens[id]
    }
    var specials = JSONObject()
    for (id, token) in zip(vocabulary.prefix, tokens) {
      specials[token] = ["id": .string(token), "ids": [.integer(id)], "tokens": [.string(token)]]
    }
    let marks = tokens.map { token -> JSONValue in ["SpecialToken": ["id": .string(token), "type_id": 0]] }
    func text(_ name: String) -> JSONValue { ["Sequence": ["id": .string(name), "type_id": 0]] }
    return [
      "type": "TemplateProcessing", "single": .array(marks + [text("A")]),
      "pair": .array(marks + [text("A")] + marks + [text("B")]), "special_tokens": .object(specials),
    ]
  }
}
