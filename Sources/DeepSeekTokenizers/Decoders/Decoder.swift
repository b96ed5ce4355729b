/// What makes text of tokens: each step maps a list of strings to another, and the last list is joined.
indirect enum Decoder: Sendable {
  case wordPiece(prefix: String, cleansUp: Bool)
  case byteLevel
  case metaspace(replacement: Unicode.Scalar, keepsFirst: Bool)
  case bpe(suffix: String)
  case byteFallback
  case fuse
  case strip(content: Unicode.Scalar, start: Int, stop: Int)
  case replace(Pattern, with: [UInt8])
  case ctc(padding: String, wordDelimiter: String, cleansUp: Bool)
  case sequence([Decoder])

  func decode(_ tokens: [String]) throws(TokenizerError) -> [String] {
    switch self {
    case .wordPiece(let prefix, let cleansUp):
      return tokens.enumerated().map { index, token in
        var token = token
        if index > 0 { token = token.hasUTF8Prefix(prefix) ? token.droppingUTF8(prefix.utf8.count) : " " + token }
        return cleansUp ? cleanUp(token) : token
      }
    case .byteLevel: return [decodeByteLevel(tokens)]
    case .metaspace(let replacement, let keepsFirst):
      return tokens.enumerated().map { index, token in
        token.mappingScalars { scalar in
          scalar != replacement ? scalar : index == 0 && !keepsFirst ? nil : " "
        }
      }
    case .bpe(let suffix):
      return tokens.enumerated().map { index, token in
        token.replacingUTF8(suffix, with: index == tokens.count - 1 ? "" : " ")
      }
    case .byteFallback: return decodeByteTokens(tokens)
    case .fuse: return [tokens.joined()]
    case .strip(let content, let start, let stop):
      return tokens.map { stripped($0, content, start, stop) }
    case .replace(let pattern, let content):
      var result: [String] = []
      for token in tokens {
        var text = AlignedText(bytes: Array(token.utf8))
        try text.replace(pattern, with: content)
        result.append(String(decoding: text.bytes, as: UTF8.self))
      }
      return result
    case .ctc(let padding, let wordDelimiter, let cleansUp):
      return decodeCTC(tokens, padding, wordDelimiter, cleansUp)
    case .sequence(let parts):
      var tokens = tokens
      for part in parts { tokens = try part.decode(tokens) }
      return tokens
    }
  }
}

/// Undoes the spaces that cutting at punctuation leaves in English text.
private func cleanUp(_ text: String) -> String {
  // Every rule needs a space.
  guard text.utf8.contains(0x20) else { return text }
  let rules: [(String, String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ]
  return rules.reduce(text) { $0.replacingUTF8($1.0, with: $1.1) }
}

/// Tokens in the byte alphabet to text; a token with other characters stands for its own bytes.
private func decodeByteLevel(_ tokens: [String]) -> String {
  var bytes: [UInt8] = []
  for token in tokens {
    let start = bytes.count
    for scalar in token.unicodeScalars {
      guard let byte = ByteAlphabet.byte(scalar.value) else {
        bytes.removeSubrange(start...)
        bytes += token.utf8
        break
      }
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Runs of tokens such as `<0xE2>` to the characters of their bytes, or to � one each when they make none.
private func decodeByteTokens(_ tokens: [String]) -> [String] {
  var result: [String] = []
  var bytes: [UInt8] = []
  func flush() {
    if bytes.isEmpty { return }
    if let text = String(validating: bytes, as: UTF8.self) {
      result.append(text)
    } else {
      result += repeatElement("\u{FFFD}", count: bytes.count)
    }
    bytes = []
  }
  for token in tokens {
    if let byte = ByteToken.byte(token) {
      bytes.append(byte)
    } else {
      flush()
      result.append(token)
    }
  }
  flush()
  return result
}

/// Takes up to so many of a character off the ends.
private func stripped(_ token: String, _ content: Unicode.Scalar, _ start: Int, _ stop: Int) -> String {
  let scalars = Array(token.unicodeScalars)
  let leading = scalars.prefix(max(0, start)).prefix { $0 == content }.count
  let trailing = scalars.suffix(max(0, stop)).reversed().prefix { $0 == content }.count
  guard leading + trailing < scalars.count else { return "" }
  var result = String.UnicodeScalarView()
  result.append(contentsOf: scalars[leading..<scalars.count - trailing])
  return String(result)
}

/// Connectionist temporal classification (Graves et al. 2006): repeated tokens are one, padding is none.
private func decodeCTC(
  _ tokens: [String], _ padding: String, _ wordDelimiter: String, _ cleansUp: Bool
) -> [String] {
  var result: [String] = []
  var last: String?
  for token in tokens {
    if let last, last.utf8.elementsEqual(token.utf8) { continue }
    last = token
    var text = token.replacingUTF8(padding, with: "")
    if cleansUp { text = cleanUp(text).replacingUTF8(wordDelimiter, with: " ") }
    if !text.isEmpty { result.append(text) }
  }
  return result
}
