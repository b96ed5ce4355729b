/// What cuts text into pieces that no token crosses.
indirect enum PreTokenizer: Sendable {
  case bert
  case whitespace
  /// Cuts at scalars of a class.
  case classes(ScalarClasses, SplitBehavior)
  case delimiter(UInt32)
  case byteLevel(ByteLevelPreTokenizer)
  case metaspace(Metaspace)
  case pattern(Pattern, SplitBehavior, inverted: Bool)
  case scripts
  case length(Int)
  case sequence([PreTokenizer])

  func apply(to text: inout PreTokenizedText) throws(TokenizerError) {
    switch self {
    case .bert: text.split(splitWords)
    case .whitespace: text.split(splitWordsAndSigns)
    case .classes(let classes, let behavior):
      text.split { bytes, piece, ranges in
        behavior.ranges(
          of: stretches(of: bytes, piece) { !ScalarClasses.of($0).isDisjoint(with: classes) }, into: &ranges)
      }
    case .delimiter(let delimiter):
      text.split { bytes, piece, ranges in
        SplitBehavior.removed.ranges(of: stretches(of: bytes, piece) { $0 == delimiter }, into: &ranges)
      }
    case .byteLevel(let byteLevel): byteLevel.apply(to: &text)
    case .metaspace(let metaspace): try metaspace.apply(to: &text)
    case .pattern(let pattern, let behavior, let inverted):
      try text.split { (bytes, piece, ranges: inout [Range<Int>]) throws(TokenizerError) in
        var stretches = try pattern.stretches(UnsafeBufferPointer(rebasing: bytes[piece.range]))
        for index in stretches.indices {
          stretches[index].start += Int(piece.start)
          stretches[index].end += Int(piece.start)
          if inverted { stretches[index].isMatch.toggle() }
        }
        behavior.ranges(of: stretches, into: &ranges)
      }
    case .scripts: text.split(splitScripts)
    case .length(let length):
      text.split { bytes, piece, ranges in splitLength(bytes, piece, length, &ranges) }
    case .sequence(let parts):
      for part in parts { try part.apply(to: &text) }
    }
  }
}

/// Each matching scalar as a stretch of its own, the text between as one each.
func stretches(
  of bytes: UnsafeBufferPointer<UInt8>, _ piece: Piece, _ matches: (UInt32) -> Bool
) -> [Stretch] {
  var result: [Stretch] = []
  var start = Int(piece.start)
  var index = start
  while index < Int(piece.end) {
    let (value, width) = scalar(bytes, index)
    if matches(value) {
      if start < index { result.append(Stretch(start: start, end: index, isMatch: false)) }
      result.append(Stretch(start: index, end: index + width, isMatch: true))
      start = index + width
    }
    index += width
  }
  if start < index { result.append(Stretch(start: start, end: index, isMatch: false)) }
  return result
}

/// BERT's words: cut at white space, which vanishes, and around every punctuation sign.
private func splitWords(_ bytes: UnsafeBufferPointer<UInt8>, _ piece: Piece, _ ranges: inout [Range<Int>]) {
  ScalarClasses.ascii.withUnsafeBufferPointer { ascii in
    var start = Int(piece.start)
    var index = start
    let end = Int(piece.end)
    while index < end {
      let lead = bytes[index]
      let classes: ScalarClasses
      var width = 1
      if lead < 0x80 {
        classes = ascii[Int(lead)]
      } else {
        let value: UInt32
        (value, width) = scalar(bytes, index)
        classes = ScalarClasses.of(value)
      }
      if !classes.isDisjoint(with: [.space, .bertPunctuation]) {
        if start < index { ranges.append(start..<index) }
        if !classes.contains(.space) { ranges.append(index..<index + width) }
        start = index + width
      }
      index += width
    }
    if start < end { ranges.append(start..<end) }
  }
}

/// Words, and runs of what is neither word nor space: `\w+|[^\w\s]+`.
private func splitWordsAndSigns(_ bytes: UnsafeBufferPointer<UInt8>, _ piece: Piece, _ ranges: inout [Range<Int>]) {
  var start = Int(piece.start)
  var index = start
  var kind = 0
  while index < Int(piece.end) {
    let (value, width) = scalar(bytes, index)
    let classes = ScalarClasses.of(value)
    let next = classes.contains(.word) ? 1 : classes.contains(.space) ? 0 : 2
    if next != kind {
      if kind != 0 { ranges.append(start..<index) }
      start = index
      kind = next
    }
    index += width
  }
  if kind != 0 { ranges.append(start..<index) }
}
