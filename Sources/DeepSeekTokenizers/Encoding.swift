/// A text as a model takes it: one entry per token in every array.
public struct Encoding: Sendable {
  /// The token ids.
  public internal(set) var ids: [Int] = []
  /// The segment of each token: what BERT calls token type ids.
  public internal(set) var typeIDs: [Int] = []
  /// 1 for tokens, 0 for padding.
  public internal(set) var attentionMask: [Int] = []
  /// 1 for tokens that the post-processor or padding added, 0 for those of the text.
  public internal(set) var specialTokensMask: [Int] = []
  /// Where in its text each token lies, counted in Unicode scalars, as Hugging Face's Python has it; `0..<0` for
  /// tokens that are in no text.
  public internal(set) var offsets: [Range<Int>] = []
  /// The word of each token: the number of the piece that the pre-tokenizer cut; `nil` for tokens that are in no text.
  public internal(set) var wordIDs: [Int?] = []
  /// 0 for tokens of the text, 1 for those of its pair, `nil` for those of neither.
  public internal(set) var sequenceIDs: [Int?] = []
  /// What truncation cut off, in windows of the same length that overlap by the stride.
  public internal(set) var overflowing: [Encoding] = []

  /// The texts of tokens that differ from what the tokenizer calls the id, by position.
  var surfaces: [Int: String] = [:]
  var names: TokenNames?

  init() {}

  /// How many tokens there are.
  public var count: Int { ids.count }

  /// The tokens' texts. Computed at each use: one string per token.
  public var tokens: [String] {
    ids.indices.map { surfaces[$0] ?? names?.name(ids[$0]) ?? "" }
  }
}

/// What the ids of a tokenizer are called.
final class TokenNames: Sendable {
  let vocabulary: Vocabulary
  let added: AddedTokens

  init(vocabulary: Vocabulary, added: AddedTokens) {
    self.vocabulary = vocabulary
    self.added = added
  }

  func name(_ id: Int) -> String? {
    added.name(id) ?? vocabulary.token(id).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Encoding {
  /// Tokens that are in no text, all of one segment.
  init(special: [(id: Int, token: String)], typeID: Int, names: TokenNames?) {
    self.names = names
    ids = special.map(\.id)
    typeIDs = [Int](repeating: typeID, count: ids.count)
    attentionMask = [Int](repeating: 1, count: ids.count)
    specialTokensMask = attentionMask
    offsets = [Range<Int>](repeating: 0..<0, count: ids.count)
    wordIDs = [Int?](repeating: nil, count: ids.count)
    sequenceIDs = wordIDs
    for (position, entry) in special.enumerated() where names?.name(entry.id) != entry.token {
      surfaces[position] = entry.token
    }
  }

  /// The tokens of a range, without what overflowed.
  func part(_ range: Range<Int>) -> Encoding {
    var part = Encoding()
    part.names = names
    part.ids = Array(ids[range])
    part.typeIDs = Array(typeIDs[range])
    part.attentionMask = Array(attentionMask[range])
    part.specialTokensMask = Array(specialTokensMask[range])
    part.offsets = Array(offsets[range])
    part.wordIDs = Array(wordIDs[range])
    part.sequenceIDs = Array(sequenceIDs[range])
    if !surfaces.isEmpty {
      for (position, surface) in surfaces where range.contains(position) {
        part.surfaces[position - range.lowerBound] = surface
      }
    }
    return part
  }

  mutating func setTypeIDs(_ typeID: Int) { typeIDs = [Int](repeating: typeID, count: count) }

  mutating func setSequence(_ sequence: Int) {
    sequenceIDs = [Int?](repeating: sequence, count: count)
  }

  /// Appends another encoding. Every window of what overflowed on one side is combined with the whole and with each
  /// window of the other; windows have no windows of their own.
  mutating func merge(_ other: Encoding) {
    if !overflowing.isEmpty || !other.overflowing.isEmpty {
      var combined: [Encoding] = []
      for window in overflowing {
        combined.append(window.joined(other))
        for otherWindow in other.overflowing { combined.append(window.joined(otherWindow)) }
      }
      for otherWindow in other.overflowing { combined.append(joined(otherWindow)) }
      overflowing = combined
    }
    appendTokens(of: other)
  }

  private func joined(_ other: Encoding) -> Encoding {
    var result = self
    result.overflowing = []
    result.appendTokens(of: other)
    return result
  }

  private mutating func appendTokens(of other: Encoding) {
    for (position, surface) in other.surfaces { surfaces[count + position] = surface }
    if names == nil { names = other.names }
    ids += other.ids
    typeIDs += other.typeIDs
    attentionMask += other.attentionMask
    specialTokensMask += other.specialTokensMask
    offsets += other.offsets
    wordIDs += other.wordIDs
    sequenceIDs += other.sequenceIDs
  }
}
