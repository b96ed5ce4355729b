/// A piece of a text on its way to the model: a range of the normalized bytes.
struct Piece: Sendable {
  var start: Int32
  var end: Int32
  /// Where in the original the text began of which this piece was cut.
  var origin: Int32
  /// The added token that this piece is, or -1 when the model has to tokenize it.
  var token: Int32 = -1

  var range: Range<Int> { Int(start)..<Int(end) }
}

/// What happens to a delimiter on which text is split.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

/// A stretch of text, and whether it matched what was looked for.
struct Stretch {
  var start: Int
  var end: Int
  var isMatch: Bool
}

/// Normalized text cut into pieces.
struct PreTokenizedText: Sendable {
  var text: AlignedText
  var pieces: [Piece]

  /// The whole text as one piece; none when it is empty.
  init(_ text: AlignedText) {
    self.text = text
    pieces = text.bytes.isEmpty ? [] : [Piece(start: 0, end: Int32(text.bytes.count), origin: text.origin)]
  }

  init(_ text: AlignedText, pieces: [Piece]) {
    self.text = text
    self.pieces = pieces
  }

  /// Replaces each piece that is no token by ranges within it. The closure gets all the bytes and the piece, and
  /// appends ranges of the whole text; empty ones are dropped.
  mutating func split<Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>, Piece, inout [Range<Int>]) throws(Failure) -> Void
  ) throws(Failure) {
    var result: [Piece] = []
    result.reserveCapacity(pieces.count + text.bytes.count / 4)
    var ranges: [Range<Int>] = []
    for piece in pieces {
      if piece.token >= 0 {
        result.append(piece)
        continue
      }
      ranges.removeAll(keepingCapacity: true)
      // The array is not changed while the closure reads it, so the pointer's life is that of this statement.
      let outcome: Result<Void, Failure> = text.bytes.withUnsafeBufferPointer { bytes in
        do throws(Failure) {
          return .success(try body(bytes, piece, &ranges))
        } catch {
          return .failure(error)
        }
      }
      try outcome.get()
      for range in ranges where !range.isEmpty {
        result.append(
          Piece(start: Int32(range.lowerBound), end: Int32(range.upperBound), origin: origin(of: range)))
      }
    }
    pieces = result
  }

  /// Where the original text begins of which a range is cut: a range of normalized text begins with its first scalar,
  /// even when a normalizer dropped something before that.
  @inline(__always)
  private func origin(of range: Range<Int>) -> Int32 {
    text.isIdentity ? text.origin + Int32(range.lowerBound) : text.spans[range.lowerBound].start
  }

  /// Sets the origins of pieces that were normalized as a whole.
  mutating func refreshOrigins() {
    for index in pieces.indices { pieces[index].origin = origin(of: pieces[index].range) }
  }

  /// Gives each piece that is no token as a text of its own to the closure, and puts the results together anew.
  mutating func transform<Failure: Error>(
    _ body: (inout AlignedText, Piece) throws(Failure) -> Void
  ) throws(Failure) {
    if pieces.count == 1, pieces[0].token < 0, pieces[0].range.count == text.bytes.count {
      let piece = pieces[0]
      var whole = text
      text = AlignedText(bytes: [])
      whole.origin = piece.origin
      try body(&whole, piece)
      text = whole
      pieces =
        whole.bytes.isEmpty
        ? [] : [Piece(start: 0, end: Int32(whole.bytes.count), origin: piece.origin)]
      return
    }
    var joined = AlignedText(bytes: [], origin: text.origin)
    joined.bytes.reserveCapacity(text.bytes.count * 3 / 2)
    joined.spans.reserveCapacity(text.bytes.count * 3 / 2)
    var result: [Piece] = []
    result.reserveCapacity(pieces.count)
    for piece in pieces {
      var part = text.slice(piece.range)
      part.materialize()
      if piece.token < 0 {
        part.origin = piece.origin
        try body(&part, piece)
        part.materialize()
      }
      if part.bytes.isEmpty { continue }
      let start = joined.bytes.count
      joined.bytes += part.bytes
      joined.spans += part.spans
      result.append(
        Piece(
          start: Int32(start), end: Int32(joined.bytes.count), origin: piece.origin, token: piece.token))
    }
    text = joined
    pieces = result
  }
}

extension SplitBehavior {
  /// The ranges that remain of stretches which together cover a text, as the reference's folds have it.
  func ranges(of stretches: [Stretch], into ranges: inout [Range<Int>]) {
    switch self {
    case .isolated:
      for stretch in stretches { ranges.append(stretch.start..<stretch.end) }
    case .removed:
      for stretch in stretches where !stretch.isMatch { ranges.append(stretch.start..<stretch.end) }
    case .contiguous:
      var previous = false
      let first = ranges.count
      for stretch in stretches {
        if stretch.isMatch == previous, ranges.count > first {
          ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<stretch.end
        } else {
          ranges.append(stretch.start..<stretch.end)
        }
        previous = stretch.isMatch
      }
    case .mergedWithPrevious:
      var previous = false
      let first = ranges.count
      for stretch in stretches {
        if stretch.isMatch, !previous, ranges.count > first {
          ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<stretch.end
        } else {
          ranges.append(stretch.start..<stretch.end)
        }
        previous = stretch.isMatch
      }
    case .mergedWithNext:
      var previous = false
      let first = ranges.count
      for stretch in stretches.reversed() {
        if stretch.isMatch, !previous, ranges.count > first {
          ranges[ranges.count - 1] = stretch.start..<ranges[ranges.count - 1].upperBound
        } else {
          ranges.append(stretch.start..<stretch.end)
        }
        previous = stretch.isMatch
      }
      ranges[first...].reverse()
    }
  }
}
