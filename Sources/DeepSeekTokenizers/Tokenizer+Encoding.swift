internal import Dispatch

extension Tokenizer {
  /// The longest text in bytes; places in a text are held in 32 bits, and rewriting can make it longer.
  private static let maximumByteCount = 1 << 29

  /// Encodes a text, or a text and its pair.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - pair: A second text that belongs to it, such as the passage to a question.
  ///   - addSpecialTokens: Whether the post-processor adds its tokens (`[CLS]` and the like).
  /// - Throws: `TokenizerError` when truncation is impossible or the model has no token for what it meets.
  public func encode(
    _ text: String, pair: String? = nil, addSpecialTokens: Bool = true
  ) throws(TokenizerError) -> Encoding {
    var encodings = [try process(text, pair, addSpecialTokens)]
    padding?.apply(to: &encodings)
    return encodings[0]
  }

  /// Encodes many texts, on as many threads as there are cores or as the argument says; padding to the longest makes
  /// all of them equally long.
  /// - Throws: `TokenizerError`, that of the first text for which there is one.
  public func encode(
    batch: [String], addSpecialTokens: Bool = true, threads: Int? = nil
  ) throws(TokenizerError) -> [Encoding] {
    try encode(batch: batch.map { ($0, nil) }, addSpecialTokens: addSpecialTokens, threads: threads)
  }

  /// Encodes many texts, each with a pair or none; see `encode(batch:addSpecialTokens:threads:)`.
  /// - Throws: `TokenizerError`, that of the first text for which there is one.
  public func encode(
    batch: [(text: String, pair: String?)], addSpecialTokens: Bool = true, threads: Int? = nil
  ) throws(TokenizerError) -> [Encoding] {
    // Smaller portions than this cost more to hand out than to encode.
    let portion = 16
    let workers = max(1, min(threads ?? Int.max, (batch.count + portion - 1) / portion))
    var encodings: [Encoding] = []
    encodings.reserveCapacity(batch.count)
    if workers == 1 {
      for entry in batch { encodings.append(try process(entry.text, entry.pair, addSpecialTokens)) }
    } else {
      let limit = min(workers, ProcessorCount.available)
      let results = Parallel.map(count: batch.count, workers: limit) { index in
        do throws(TokenizerError) {
          return Result<Encoding, TokenizerError>.success(
            try process(batch[index].text, batch[index].pair, addSpecialTokens))
        } catch {
          return .failure(error)
        }
      }
      for result in results { encodings.append(try result.get()) }
    }
    padding?.apply(to: &encodings)
    return encodings
  }

  /// All but padding.
  private func process(
    _ text: String, _ pair: String?, _ addSpecialTokens: Bool
  ) throws(TokenizerError) -> Encoding {
    var first = try tokenize(text, sequence: 0)
    var second: Encoding?
    if let pair { second = try tokenize(pair, sequence: 1) }
    if let truncation {
      let specials = addSpecialTokens ? postProcessor?.addedCount(isPair: pair != nil) ?? 0 : 0
      try truncation.apply(&first, &second, reserving: specials)
    }
    var encodings = [first]
    if let second { encodings.append(second) }
    for index in encodings.indices {
      encodings[index].setSequence(index)
      encodings[index].setTypeIDs(index)
      for window in encodings[index].overflowing.indices { encodings[index].overflowing[window].setSequence(index) }
    }
    if let postProcessor { encodings = try postProcessor.process(encodings, addSpecialTokens: addSpecialTokens) }
    guard encodings.count > 1 else { return encodings.first ?? Encoding() }
    var result = encodings[0]
    for encoding in encodings.dropFirst() { result.merge(encoding) }
    return result
  }

  /// A text's tokens without truncation and special tokens.
  private func tokenize(_ text: String, sequence: Int) throws(TokenizerError) -> Encoding {
    let original = Array(text.utf8)
    guard original.count <= Self.maximumByteCount else { throw .textTooLong(byteCount: original.count) }
    var pieces = try names.added.extract(from: AlignedText(bytes: original), normalizer: normalizer)
    try preTokenizer?.apply(to: &pieces)
    let sink = try model.tokenize(pieces)
    return encoding(of: sink, in: pieces.text, original: original, sequence: sequence)
  }

  private func encoding(
    of sink: TokenSink, in text: AlignedText, original: [UInt8], sequence: Int
  ) -> Encoding {
    var result = Encoding()
    result.names = names
    let count = sink.ids.count
    result.ids = sink.ids.map(Int.init)
    result.typeIDs = [Int](repeating: sequence, count: count)
    result.attentionMask = [Int](repeating: 1, count: count)
    result.specialTokensMask = [Int](repeating: 0, count: count)
    result.wordIDs = sink.words.map { Int($0) }
    result.sequenceIDs = [Int?](repeating: sequence, count: count)
    result.offsets.reserveCapacity(count)
    let places = ScalarPlaces(original)
    for index in 0..<count {
      let span = text.span(of: Int(sink.starts[index])..<Int(sink.ends[index]))
      let start = places[Int(span.start)]
      result.offsets.append(start..<max(start, places[Int(span.end)]))
    }
    for (position, surface) in sink.surfaces where names.name(result.ids[position]) != surface {
      result.surfaces[position] = surface
    }
    return result
  }
}

/// How many scalars come before each byte of a text.
private struct ScalarPlaces {
  /// Empty for ASCII text, where both are the same.
  private var counts: [Int32] = []

  init(_ bytes: [UInt8]) {
    if bytes.withUnsafeBufferPointer({ isASCIIText($0) }) { return }
    counts.reserveCapacity(bytes.count + 1)
    var count: Int32 = -1
    for byte in bytes {
      if byte & 0xC0 != 0x80 { count += 1 }
      counts.append(count)
    }
    counts.append(count + 1)
  }

  subscript(offset: Int) -> Int {
    counts.isEmpty ? offset : Int(counts[min(offset, counts.count - 1)])
  }
}
