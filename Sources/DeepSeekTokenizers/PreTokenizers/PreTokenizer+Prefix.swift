/// A mark put in front of words instead of spaces, SentencePiece's `▁`.
struct Metaspace: Sendable {
  enum Scheme: String, Sendable {
    case always
    case never
    /// Only at the beginning of the whole text.
    case first
  }

  var replacement: UInt32
  var scheme: Scheme
  var splits: Bool

  func apply(to text: inout PreTokenizedText) throws(TokenizerError) {
    var mark: [UInt8] = []
    mark.append(scalar: replacement)
    try text.transform { (part: inout AlignedText, piece) throws(TokenizerError) in
      try part.replace(.literal([0x20]), with: mark)
      let isWanted = scheme == .always || (scheme == .first && piece.origin == 0)
      if isWanted, !part.bytes.starts(with: mark) { part.prepend([replacement]) }
    }
    if splits {
      text.split { bytes, piece, ranges in
        SplitBehavior.mergedWithNext.ranges(of: stretches(of: bytes, piece) { $0 == replacement }, into: &ranges)
      }
    }
  }
}

/// Byte-level BPE's cutting into words and writing of bytes.
struct ByteLevelPreTokenizer: Sendable {
  var addsPrefixSpace: Bool
  var cutsWords: Bool

  func apply(to text: inout PreTokenizedText) {
    if addsPrefixSpace {
      let lacksSpace = text.pieces.contains { $0.token < 0 && text.text.bytes[Int($0.start)] != 0x20 }
      if lacksSpace {
        text.transform { part, _ in
          if part.bytes.first != 0x20 { part.prepend([0x20]) }
        }
      }
    }
    if cutsWords {
      text.split { bytes, piece, ranges in
        WordMatchers.gpt2(UnsafeBufferPointer(rebasing: bytes[..<Int(piece.end)]), from: Int(piece.start), &ranges)
      }
    }
    text.encodeBytes()
  }
}

/// Cuts where the script changes, so that no token mixes scripts. Scalars of no script go with what is before them; at
/// the beginning, where nothing is, the reference loses them, and so do we.
func splitScripts(_ bytes: UnsafeBufferPointer<UInt8>, _ piece: Piece, _ ranges: inout [Range<Int>]) {
  let table = UnicodeScript.preTokenizer
  var start = Int(piece.start)
  var index = start
  var last: UInt8?
  while index < Int(piece.end) {
    let (value, width) = scalar(bytes, index)
    if let script = table.index(of: value) {
      if last != script {
        if last != nil { ranges.append(start..<index) }
        start = index
      }
      last = script
    }
    index += width
  }
  if last != nil { ranges.append(start..<index) }
}

/// Cuts into pieces of so many scalars; the last may be shorter.
func splitLength(
  _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Piece, _ length: Int, _ ranges: inout [Range<Int>]
) {
  var start = Int(piece.start)
  var index = start
  var count = 0
  while index < Int(piece.end) {
    index += utf8Width(bytes[index])
    count += 1
    if count == length {
      ranges.append(start..<index)
      start = index
      count = 0
    }
  }
  if start < index { ranges.append(start..<index) }
}
