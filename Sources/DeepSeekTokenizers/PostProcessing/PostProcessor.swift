/// What puts special tokens around the encodings of texts.
indirect enum PostProcessor: Sendable {
  case template(TemplateProcessing)
  /// BERT's: `[CLS] A [SEP] B [SEP]`.
  case bert(separator: SpecialToken, classifier: SpecialToken)
  /// RoBERTa's: `<s> A </s> </s> B </s>`, one segment.
  case roberta(separator: SpecialToken, classifier: SpecialToken, trimsOffsets: Bool, addsPrefixSpace: Bool)
  /// Byte-level BPE's: no tokens, but offsets without the space that belongs to the word before.
  case byteLevel(trimsOffsets: Bool, addsPrefixSpace: Bool)
  case sequence([PostProcessor])

  /// A special token with its id.
  struct SpecialToken: Sendable {
    var token: String
    var id: Int
  }

  /// How many tokens are added to one text, or to two.
  func addedCount(isPair: Bool) -> Int {
    switch self {
    case .template(let template): template.addedCount(isPair: isPair)
    case .bert: isPair ? 3 : 2
    case .roberta: isPair ? 4 : 2
    case .byteLevel: 0
    case .sequence(let parts): parts.reduce(0) { $0 + $1.addedCount(isPair: isPair) }
    }
  }

  /// Handles the encodings of a text and perhaps its pair, one element each; a template joins them into more.
  func process(_ encodings: [Encoding], addSpecialTokens: Bool) throws(TokenizerError) -> [Encoding] {
    var encodings = encodings
    switch self {
    case .template(let template):
      return try template.process(encodings, addSpecialTokens: addSpecialTokens)
    case .byteLevel(let trims, let addsPrefixSpace):
      if trims { Self.trim(&encodings, addsPrefixSpace: addsPrefixSpace) }
      return encodings
    case .bert(let separator, let classifier):
      if !addSpecialTokens { return encodings }
      for index in encodings.indices {
        let isFirst = index == 0
        encodings[index].wrap { window in
          let typeID = isFirst ? 0 : 1
          let head = isFirst ? [(classifier.id, classifier.token)] : []
          return (
            Encoding(special: head, typeID: typeID, names: window.names),
            Encoding(special: [(separator.id, separator.token)], typeID: typeID, names: window.names)
          )
        }
      }
      return encodings
    case .roberta(let separator, let classifier, let trims, let addsPrefixSpace):
      if trims { Self.trim(&encodings, addsPrefixSpace: addsPrefixSpace) }
      for index in encodings.indices {
        encodings[index].setTypeIDs(0)
        if !addSpecialTokens { continue }
        let head = index == 0 ? classifier : separator
        encodings[index].wrap { window in
          (
            Encoding(special: [(head.id, head.token)], typeID: 0, names: window.names),
            Encoding(special: [(separator.id, separator.token)], typeID: 0, names: window.names)
          )
        }
      }
      return encodings
    case .sequence(let parts):
      for part in parts { encodings = try part.process(encodings, addSpecialTokens: addSpecialTokens) }
      return encodings
    }
  }

  private static func trim(_ encodings: inout [Encoding], addsPrefixSpace: Bool) {
    for index in encodings.indices {
      encodings[index].trimOffsets(addsPrefixSpace: addsPrefixSpace)
      for window in encodings[index].overflowing.indices {
        encodings[index].overflowing[window].trimOffsets(addsPrefixSpace: addsPrefixSpace)
      }
    }
  }
}

extension Encoding {
  /// Puts tokens before and after the encoding and each of its overflowing windows.
  fileprivate mutating func wrap(_ around: (Encoding) -> (head: Encoding, tail: Encoding)) {
    let windows = overflowing
    overflowing = []
    func wrapped(_ encoding: Encoding) -> Encoding {
      var (result, tail) = around(encoding)
      result.merge(encoding)
      tail.overflowing = []
      result.merge(tail)
      return result
    }
    self = wrapped(self)
    overflowing = windows.map(wrapped)
  }

  /// Takes white space at the ends of tokens out of their offsets. With an added space in front of the text, the first
  /// one is not in the text.
  fileprivate mutating func trimOffsets(addsPrefixSpace: Bool) {
    let tokens = tokens
    for index in tokens.indices {
      let scalars = tokens[index].unicodeScalars
      var leading = scalars.prefix(while: Self.isSpace).count
      let trailing = scalars.reversed().prefix(while: Self.isSpace).count
      if leading == 0 && trailing == 0 { continue }
      var (start, end) = (offsets[index].lowerBound, offsets[index].upperBound)
      if leading > 0 {
        if (index == 0 || start == 0) && addsPrefixSpace { leading -= 1 }
        start = min(start + leading, end)
      }
      if trailing > 0, end >= trailing { end = max(end - trailing, start) }
      offsets[index] = start..<end
    }
  }

  /// White space, or Ġ, by which the byte-level alphabet writes a space.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x120 || ScalarClasses.of(scalar.value).contains(.space)
  }
}
