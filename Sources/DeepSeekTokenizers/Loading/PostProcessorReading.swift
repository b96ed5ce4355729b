internal import DeepSeekJSON

extension PostProcessor {
  init(_ field: Field) throws(TokenizerError) {
    let type = try field["type"].string()
    switch type {
    case "TemplateProcessing": self = .template(try TemplateProcessing(field))
    case "BertProcessing":
      self = .bert(separator: try SpecialToken(field["sep"]), classifier: try SpecialToken(field["cls"]))
    case "RobertaProcessing":
      self = .roberta(
        separator: try SpecialToken(field["sep"]), classifier: try SpecialToken(field["cls"]),
        trimsOffsets: try field["trim_offsets"].bool(default: true),
        addsPrefixSpace: try field["add_prefix_space"].bool(default: true))
    case "ByteLevel":
      self = .byteLevel(
        trimsOffsets: try field["trim_offsets"].bool(default: true),
        addsPrefixSpace: try field["add_prefix_space"].bool(default: true))
    case "Sequence":
      var parts: [PostProcessor] = []
      for part in try field["processors"].elements() { parts.append(try PostProcessor(part)) }
      self = .sequence(parts)
    default: throw .unknownComponent(path: field["type"].path, type: type)
    }
  }
}

extension PostProcessor.SpecialToken {
  /// Written as `["[SEP]", 102]`.
  init(_ field: Field) throws(TokenizerError) {
    let parts = try field.elements()
    guard parts.count == 2 else { throw field.wrong("a token and its id") }
    self.init(token: try parts[0].string(), id: try parts[1].integer())
  }
}

extension TemplateProcessing {
  init(_ field: Field) throws(TokenizerError) {
    specials = [:]
    for member in try field["special_tokens"].object().members {
      let entry = field["special_tokens"][member.key]
      var special = Special(ids: [], tokens: [])
      for id in try entry["ids"].elements() { special.ids.append(try id.integer()) }
      for token in try entry["tokens"].elements() { special.tokens.append(try token.string()) }
      guard special.ids.count == special.tokens.count else {
        throw .invalidField(path: entry.path, reason: "as many ids as tokens are expected")
      }
      specials[member.key] = special
    }
    single = try Self.parts(field["single"])
    pair = try Self.parts(field["pair"])
    for part in single + pair {
      if case .special(let name, _) = part, specials[name] == nil { throw .missingToken(name) }
    }
  }

  private static func parts(_ field: Field) throws(TokenizerError) -> [Part] {
    var parts: [Part] = []
    for element in try field.elements() {
      let sequence = element["Sequence"]
      let special = element["SpecialToken"]
      if !sequence.isMissing {
        let typeID = try sequence["type_id"].integer()
        switch try sequence["id"].string() {
        case "A": parts.append(.sequence(0, typeID: typeID))
        case "B": parts.append(.sequence(1, typeID: typeID))
        default: throw sequence["id"].wrong("\"A\" or \"B\"")
        }
      } else if !special.isMissing {
        parts.append(.special(try special["id"].string(), typeID: try special["type_id"].integer()))
      } else {
        throw element.wrong("Sequence or SpecialToken")
      }
    }
    return parts
  }
}

extension Truncation {
  init(_ field: Field) throws(TokenizerError) {
    self.init(
      maximumLength: try field["max_length"].integer(),
      strategy: try field["strategy"].choice(Strategy.self, default: .longestFirst),
      stride: try field["stride"].integer(),
      direction: try field["direction"].choice(Direction.self, default: .right))
  }
}

extension Padding {
  init(_ field: Field) throws(TokenizerError) {
    let strategy = field["strategy"]
    let length: Length
    if let name = strategy.value?.string {
      guard name == "BatchLongest" else { throw .unknownComponent(path: strategy.path, type: name) }
      length = .longest
    } else {
      length = .fixed(try strategy["Fixed"].integer(in: 0...Self.maximumLength))
    }
    let multiple = field["pad_to_multiple_of"]
    self.init(
      length: length, direction: try field["direction"].choice(Truncation.Direction.self, default: .right),
      multiple: multiple.isMissing ? nil : try multiple.integer(in: 0...Self.maximumLength),
      id: try field["pad_id"].integer(), typeID: try field["pad_type_id"].integer(),
      token: try field["pad_token"].string())
  }
}

extension AddedToken {
  init(_ field: Field) throws(TokenizerError) {
    self.init(
      try field["content"].string(), isSingleWord: try field["single_word"].bool(default: false),
      stripsLeft: try field["lstrip"].bool(default: false), stripsRight: try field["rstrip"].bool(default: false),
      isNormalized: try field["normalized"].bool(default: false), isSpecial: try field["special"].bool(default: false))
  }
}
