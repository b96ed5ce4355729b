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
    case "Sequence":
      var parts: [PreTokenizer] = []
      for part in try field["pretokenizers"].elements() { parts.append(try PreTokenizer(part)) }
      self = .sequence(parts)
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }
}
