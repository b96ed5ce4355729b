/// Byte-pair encoding (Sennrich et al. 2016): a piece's characters, merged two by two in the order in which the merges
/// were learned.
struct BPEModel: Sendable {
  struct Options: Sendable {
    var unknownToken: String?
    /// Stands before every character but the first of a piece, in the vocabulary.
    var continuingPrefix: [UInt8] = []
    /// Stands after the last character of a piece, in the vocabulary.
    var endSuffix: [UInt8] = []
    /// One unknown token for several unknown characters in a row.
    var fusesUnknown = false
    /// Unknown characters become tokens `<0x00>`…`<0xFF>`, one a byte.
    var fallsBackToBytes = false
    /// A piece that is in the vocabulary is that token, whatever the merges say.
    var ignoresMerges = false
  }

  let vocabulary: Vocabulary
  let options: Options
  private let merges: MergeTable
  private let unknownID: Int32?
  /// The tokens of single bytes, or -1.
  private let byteIDs: [Int32]
  private let hasAllBytes: Bool
  /// The tokens of ASCII characters where neither prefix nor suffix is in play, or -1.
  private let asciiIDs: [Int32]

  /// A model whose merges are told in order: `merge(rank, read)` calls `read` with the two halves of each merge of a
  /// rank.
  init(
    vocabulary: Vocabulary, mergeCount: Int, options: Options,
    merge: (Int, ([UInt8], [UInt8]) throws(TokenizerError) -> Void) throws(TokenizerError) -> Void
  ) throws(TokenizerError) {
    self.vocabulary = vocabulary
    self.options = options
    unknownID = options.unknownToken.flatMap { vocabulary.id(of: $0) }
    byteIDs = (0..<256).map { vocabulary.id(of: ByteToken.name(UInt8($0))) ?? -1 }
    hasAllBytes = !byteIDs.contains(-1)
    asciiIDs = (0..<128).map { vocabulary.id(of: [UInt8($0)]) ?? -1 }
    var table = MergeTable(capacity: mergeCount)
    let prefixLength = options.continuingPrefix.count
    for rank in 0..<mergeCount {
      try merge(rank) { (left, right) throws(TokenizerError) in
        func id(_ token: [UInt8]) throws(TokenizerError) -> Int32 {
          guard let id = vocabulary.id(of: token) else {
            throw .missingToken(String(decoding: token, as: UTF8.self))
          }
          return id
        }
        let (leftID, rightID) = (try id(left), try id(right))
        let merged = try id(left + right.dropFirst(prefixLength))
        table.insert(leftID, rightID, rank: Int32(rank), merged: merged)
      }
    }
    merges = table
  }

  /// Memory used again from piece to piece.
  struct Workspace {
    fileprivate var symbols: [BPESymbol] = []
    fileprivate var queue = MergeQueue()
    fileprivate var scratch: [UInt8] = []
    fileprivate var cache = PieceCache()
  }

  func tokenize(
    _ piece: UnsafeBufferPointer<UInt8>, _ workspace: inout Workspace, into sink: inout TokenSink
  ) throws(TokenizerError) {
    if piece.isEmpty { return }
    if options.ignoresMerges, let id = vocabulary.id(of: piece) { return sink.add(id, 0, piece.count) }
    if workspace.cache.replay(piece, into: &sink) { return }
    let first = sink.ids.count
    try split(piece, &workspace)
    if workspace.symbols.count > BPESymbol.scanLimit {
      workspace.queue.merge(&workspace.symbols, merges)
    } else {
      BPESymbol.mergeByScanning(&workspace.symbols, merges)
    }
    var start = 0
    for symbol in workspace.symbols where symbol.length > 0 {
      let end = start + Int(symbol.length)
      sink.add(symbol.id, start, end)
      start = end
    }
    workspace.cache.record(piece, from: first, of: sink)
  }

  /// The piece's characters as tokens.
  private func split(_ piece: UnsafeBufferPointer<UInt8>, _ workspace: inout Workspace) throws(TokenizerError) {
    workspace.symbols.removeAll(keepingCapacity: true)
    let isPlain = options.continuingPrefix.isEmpty && options.endSuffix.isEmpty
    var unknown: Int32 = 0
    var index = 0
    while index < piece.count {
      let width = utf8Width(piece[index])
      let start = index
      index += width
      var id: Int32?
      if isPlain {
        if width == 1 {
          let known = asciiIDs[Int(piece[start])]
          id = known < 0 ? nil : known
        } else {
          id = vocabulary.id(of: UnsafeBufferPointer(rebasing: piece[start..<index]))
        }
      } else {
        workspace.scratch.removeAll(keepingCapacity: true)
        if start > 0 { workspace.scratch += options.continuingPrefix }
        workspace.scratch += piece[start..<index]
        if index == piece.count { workspace.scratch += options.endSuffix }
        id = vocabulary.id(of: workspace.scratch)
      }
      if let id {
        try flush(&unknown, &workspace)
        workspace.symbols.append(BPESymbol(id: id, length: Int32(width)))
        continue
      }
      if options.fallsBackToBytes {
        if isPlain { workspace.scratch = Array(piece[start..<index]) }
        if workspace.scratch.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
          for byte in workspace.scratch {
            workspace.symbols.append(BPESymbol(id: byteIDs[Int(byte)], length: 1))
          }
          continue
        }
      }
      if options.unknownToken != nil {
        if !options.fusesUnknown { try flush(&unknown, &workspace) }
        unknown += Int32(width)
      }
    }
    try flush(&unknown, &workspace)
  }

  /// Adds an unknown token for the bytes gathered.
  private func flush(_ length: inout Int32, _ workspace: inout Workspace) throws(TokenizerError) {
    guard length > 0 else { return }
    guard let unknownID else { throw .missingToken(options.unknownToken ?? "") }
    workspace.symbols.append(BPESymbol(id: unknownID, length: length))
    length = 0
  }
}

/// Tokens that stand for single bytes, written `<0x0A>`.
enum ByteToken {
  static func name(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], UInt8(ascii: ">")]
  }

  /// The byte of a token so written, or `nil`.
  static func byte(_ token: String) -> UInt8? {
    let text = Array(token.utf8)
    guard text.count == 6, token.hasPrefix("<0x"), text[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: text[3..<5], as: UTF8.self), radix: 16)
  }
}
