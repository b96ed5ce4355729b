internal import DeepSeekJSON

extension Model {
  init(_ field: Field) throws(TokenizerError) {
    let type = try field["type"].optionalString() ?? Self.guessType(field)
    switch type {
    case "WordPiece":
      self = .wordPiece(
        try WordPieceModel(
          vocabulary: try Vocabulary(field["vocab"]), unknownToken: try field["unk_token"].string(),
          prefix: Array(try field["continuing_subword_prefix"].string().utf8),
          maximumWordLength: try field["max_input_chars_per_word"].integer()))
    case "BPE": self = .bpe(try BPEModel(field))
    case "Unigram": self = .unigram(try UnigramModel(field))
    case "WordLevel":
      self = .wordLevel(
        WordLevelModel(vocabulary: try Vocabulary(field["vocab"]), unknownToken: try field["unk_token"].string()))
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }

  /// Old files leave the model's type out; its fields tell.
  private static func guessType(_ field: Field) -> String {
    if field["vocab"].value?.array != nil { return "Unigram" }
    if !field["merges"].isMissing { return "BPE" }
    return field["max_input_chars_per_word"].isMissing ? "WordLevel" : "WordPiece"
  }
}

extension Normalizer {
  init(_ field: Field) throws(TokenizerError) {
    let type = try field["type"].string()
    switch type {
    case "BertNormalizer":
      let lowercases = try field["lowercase"].bool(default: true)
      self = .bert(
        BertNormalizer(
          cleansText: try field["clean_text"].bool(default: true),
          isolatesChinese: try field["handle_chinese_chars"].bool(default: true),
          stripsAccents: try field["strip_accents"].bool(default: lowercases), lowercases: lowercases))
    case "NFC": self = .form(.nfc)
    case "NFD": self = .form(.nfd)
    case "NFKC": self = .form(.nfkc)
    case "NFKD": self = .form(.nfkd)
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try field["strip_left"].bool(default: true), right: try field["strip_right"].bool(default: true))
    case "StripAccents": self = .stripAccents
    case "Prepend": self = .prepend(try field["prepend"].string().unicodeScalars.map(\.value))
    case "Nmt": self = .nmt
    case "Replace":
      self = .replace(try Pattern(field["pattern"]), with: Array(try field["content"].string().utf8))
    case "Precompiled":
      self = .precompiled(
        try PrecompiledCharacterMap(
          base64: try field["precompiled_charsmap"].string(), path: field["precompiled_charsmap"].path))
    case "ByteLevel": self = .byteLevel
    case "Sequence":
      var parts: [Normalizer] = []
      for part in try field["normalizers"].elements() { parts.append(try Normalizer(part)) }
      self = .sequence(parts)
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }
}

extension PreTokenizer {
  init(_ field: Field) throws(TokenizerError) {
    let type = try field["type"].string()
    switch type {
    case "BertPreTokenizer": self = .bert
    case "Whitespace": self = .whitespace
    case "WhitespaceSplit": self = .classes(.space, .removed)
    case "Punctuation":
      self = .classes(.bertPunctuation, try field["behavior"].choice(SplitBehavior.self, default: .isolated))
    case "Digits":
      self = .classes(.number, try field["individual_digits"].bool(default: false) ? .isolated : .contiguous)
    case "CharDelimiterSplit": self = .delimiter(try field["delimiter"].scalar())
    case "ByteLevel":
      self = .byteLevel(
        ByteLevelPreTokenizer(
          addsPrefixSpace: try field["add_prefix_space"].bool(default: true),
          cutsWords: try field["use_regex"].bool(default: true)))
    case "Metaspace": self = .metaspace(try Metaspace(field))
    case "Split":
      self = .pattern(
        try Pattern(field["pattern"]), try field["behavior"].choice(SplitBehavior.self),
        inverted: try field["invert"].bool(default: false))
    case "UnicodeScripts": self = .scripts
    case "FixedLength": self = .length(try field["length"].integer(in: 1...Int(Int32.max - 1)))
    case "Sequence":
      var parts: [PreTokenizer] = []
      for part in try field["pretokenizers"].elements() { parts.append(try PreTokenizer(part)) }
      self = .sequence(parts)
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }
}

extension Metaspace {
  /// `add_prefix_space` is how old files say `prepend_scheme`.
  init(_ field: Field) throws(TokenizerError) {
    let prefixes = try field["add_prefix_space"].bool(default: true)
    self.init(
      replacement: try field["replacement"].scalar(),
      scheme: try field["prepend_scheme"].choice(Scheme.self, default: prefixes ? .always : .never),
      splits: try field["split"].bool(default: true))
  }
}

extension Pattern {
  /// Written as `{"String": "…"}` or `{"Regex": "…"}`.
  init(_ field: Field) throws(TokenizerError) {
    if let text = try field["String"].optionalString() {
      self = .literal(Array(text.utf8))
    } else if let text = try field["Regex"].optionalString() {
      self = .regex(try RegexProgram(text))
    } else {
      throw field.wrong("String or Regex")
    }
  }
}

extension BPEModel {
  init(_ field: Field) throws(TokenizerError) {
    // Dropout draws at random, in training only; here a text has one encoding.
    if let dropout = field["dropout"].value?.double, dropout != 0 {
      throw .invalidField(path: field["dropout"].path, reason: "dropout is not supported; set it to null")
    }
    let vocabulary = try Vocabulary(field["vocab"])
    var options = Options()
    options.unknownToken = try field["unk_token"].optionalString()
    options.continuingPrefix = Array(try field["continuing_subword_prefix"].optionalString()?.utf8 ?? "".utf8)
    options.endSuffix = Array(try field["end_of_word_suffix"].optionalString()?.utf8 ?? "".utf8)
    options.fusesUnknown = try field["fuse_unk"].bool(default: false)
    options.fallsBackToBytes = try field["byte_fallback"].bool(default: false)
    options.ignoresMerges = try field["ignore_merges"].bool(default: false)
    guard let merges = field["merges"].value?.array else { throw field["merges"].wrong("an array") }
    try self.init(vocabulary: vocabulary, mergeCount: merges.count, options: options) {
      (index, read) throws(TokenizerError) in
      let place = Field(merges[index], path: "\(field["merges"].path)[\(index)]")
      switch merges[index] {
      case .string(let text):
        let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw place.wrong("two tokens with a space between") }
        try read(Array(parts[0]), Array(parts[1]))
      case .array(let parts):
        guard parts.count == 2, let left = parts[0].string, let right = parts[1].string else {
          throw place.wrong("two tokens")
        }
        try read(Array(left.utf8), Array(right.utf8))
      default: throw place.wrong("two tokens")
      }
    }
  }
}

extension UnigramModel {
  init(_ field: Field) throws(TokenizerError) {
    guard let entries = field["vocab"].value?.array else { throw field["vocab"].wrong("an array") }
    var pieces: [(String, Double)] = []
    pieces.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      guard let pair = entry.array, pair.count == 2, let piece = pair[0].string, let score = pair[1].double else {
        throw Field(entry, path: "\(field["vocab"].path)[\(index)]").wrong("a piece and its score")
      }
      pieces.append((piece, score))
    }
    let unknown = field["unk_id"]
    try self.init(
      pieces: pieces, unknownID: unknown.isMissing ? nil : try unknown.integer(),
      fallsBackToBytes: try field["byte_fallback"].bool(default: false))
  }
}
