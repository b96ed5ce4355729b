/// A token beside the model's vocabulary, found in text before the model sees it.
public struct AddedToken: Sendable, Equatable {
  /// Its text.
  public var content: String
  /// Match only where no word character touches it.
  public var isSingleWord: Bool
  /// Take the white space before it along.
  public var stripsLeft: Bool
  /// Take the white space after it along.
  public var stripsRight: Bool
  /// Look for it in the normalized text (and normalize its own text for that) instead of the original.
  public var isNormalized: Bool
  /// Left out by decoding that skips special tokens.
  public var isSpecial: Bool

  /// A token; by default it is found verbatim, anywhere, and is special.
  public init(
    _ content: String, isSingleWord: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false,
    isNormalized: Bool = false, isSpecial: Bool = true
  ) {
    self.content = content
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
    self.isSpecial = isSpecial
  }
}

/// The added tokens of a tokenizer with their ids, and the search for them.
struct AddedTokens: Sendable {
  private(set) var tokens: [AddedToken] = []
  private(set) var ids: [Int32] = []
  /// What the tokens are called in results: those that are sought in normalized text by their normalized text.
  private var displayed: [String] = []
  private var positions: [Int32: Int] = [:]
  private var idsByContent = Vocabulary()
  private var verbatim = TokenMatcher()
  private var normalized = TokenMatcher()

  /// Adds a token: under its id in the model's vocabulary, or else the next free one.
  mutating func add(_ token: AddedToken, vocabulary: Vocabulary) {
    if token.content.isEmpty || tokens.contains(token) { return }
    let id: Int32
    if let known = idsByContent.id(of: token.content) ?? vocabulary.id(of: token.content) {
      id = known
    } else {
      let size = Int32(vocabulary.count)
      let last = idsByContent.count == 0 ? -1 : idsByContent.maximumID
      id = last >= size ? last + 1 : size
    }
    idsByContent.insert(token.content, id: id)
    if let position = positions[id] {
      tokens[position] = token
    } else {
      positions[id] = tokens.count
      tokens.append(token)
      ids.append(id)
    }
  }

  /// Makes the searchers; to be called after tokens were added.
  mutating func prepare(normalizer: Normalizer?) throws(TokenizerError) {
    verbatim = TokenMatcher()
    normalized = TokenMatcher()
    displayed = tokens.map(\.content)
    // Special tokens come first in the reference; where two patterns are equal the first one wins.
    let order = tokens.indices.filter { tokens[$0].isSpecial } + tokens.indices.filter { !tokens[$0].isSpecial }
    for position in order {
      let token = tokens[position]
      var text = AlignedText(bytes: Array(token.content.utf8))
      if token.isNormalized {
        try normalizer?.apply(to: &text)
        normalized.add(text.bytes, Int32(position))
        displayed[position] = String(decoding: text.bytes, as: UTF8.self)
      } else {
        verbatim.add(text.bytes, Int32(position))
      }
    }
  }

  func id(of content: String) -> Int32? { idsByContent.id(of: content) }

  /// What the token with an id is called.
  func name(_ id: Int) -> String? {
    guard let id = Int32(exactly: id), let position = positions[id] else { return nil }
    return displayed[position]
  }

  /// Whether any special token has this text.
  func isSpecial(_ content: String) -> Bool {
    guard let id = idsByContent.id(of: content), let position = positions[id] else { return false }
    return tokens[position].isSpecial
  }

  /// The text with the added tokens cut out, the rest normalized.
  func extract(from text: AlignedText, normalizer: Normalizer?) throws(TokenizerError) -> PreTokenizedText {
    var result = PreTokenizedText(text)
    cut(&result, verbatim)
    if let normalizer {
      try result.transform { (part: inout AlignedText, _) throws(TokenizerError) in
        try normalizer.apply(to: &part)
      }
    }
    result.refreshOrigins()
    cut(&result, normalized)
    return result
  }

  private func cut(_ text: inout PreTokenizedText, _ matcher: TokenMatcher) {
    if matcher.isEmpty { return }
    var result: [Piece] = []
    for piece in text.pieces {
      if piece.token >= 0 {
        result.append(piece)
        continue
      }
      var found: [(token: Int32, range: Range<Int>)] = []
      text.text.bytes.withUnsafeBufferPointer { bytes in
        search(UnsafeBufferPointer(rebasing: bytes[piece.range]), matcher, &found)
      }
      if found.count == 1, found[0].token < 0 {
        result.append(piece)
        continue
      }
      for part in found where !part.range.isEmpty {
        let start = Int(piece.start) + part.range.lowerBound
        result.append(
          Piece(
            start: Int32(start), end: Int32(start + part.range.count), origin: text.text.span(at: start).start,
            token: part.token < 0 ? -1 : ids[Int(part.token)]))
      }
    }
    text.pieces = result
  }

  /// The tokens in a piece and, as -1, the text between them.
  private func search(
    _ bytes: UnsafeBufferPointer<UInt8>, _ matcher: TokenMatcher, _ found: inout [(token: Int32, range: Range<Int>)]
  ) {
    var done = 0
    var position = 0
    while let match = matcher.next(in: bytes, from: position) {
      position = match.end
      let token = tokens[Int(match.token)]
      var (start, end) = (match.start, match.end)
      if token.isSingleWord {
        if start > 0, ScalarClasses.of(scalarBefore(bytes, start).value).contains(.word) { continue }
        if end < bytes.count, ScalarClasses.of(scalar(bytes, end).value).contains(.word) { continue }
      }
      if token.stripsLeft {
        while start > 0 {
          let (value, width) = scalarBefore(bytes, start)
          guard ScalarClasses.of(value).contains(.space) else { break }
          start -= width
        }
        start = max(start, done)
      }
      if token.stripsRight {
        while end < bytes.count {
          let (value, width) = scalar(bytes, end)
          guard ScalarClasses.of(value).contains(.space) else { break }
          end += width
        }
      }
      // White space that the token before took may reach into this match.
      if done < start { found.append((-1, done..<start)) }
      found.append((match.token, start..<end))
      done = end
    }
    if done < bytes.count { found.append((-1, done..<bytes.count)) }
  }
}

/// Leftmost, then longest, of a set of byte strings.
struct TokenMatcher: Sendable {
  private var trie = ByteTrie()
  private var firstBytes = [Bool](repeating: false, count: 256)
  private(set) var isEmpty = true

  /// Adds a string; one that is there already keeps its token.
  mutating func add(_ bytes: [UInt8], _ token: Int32) {
    guard let first = bytes.first else { return }
    if let node = trie.node(bytes), trie.values[Int(node)] >= 0 { return }
    guard bytes.withUnsafeBufferPointer({ trie.insert($0, value: token) }) else { return }
    firstBytes[Int(first)] = true
    isEmpty = false
  }

  func next(in bytes: UnsafeBufferPointer<UInt8>, from: Int) -> (token: Int32, start: Int, end: Int)? {
    var start = from
    while start < bytes.count {
      if firstBytes[Int(bytes[start])] {
        var node = ByteTrie.root
        var index = start
        var best: (token: Int32, start: Int, end: Int)?
        while index < bytes.count, let next = trie.child(of: node, bytes[index]) {
          node = next
          index += 1
          let value = trie.values[Int(node)]
          if value >= 0 { best = (value, start, index) }
        }
        if let best { return best }
      }
      start += 1
    }
    return nil
  }
}
