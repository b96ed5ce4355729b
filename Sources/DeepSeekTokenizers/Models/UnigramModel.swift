/// Unigram (Kudo 2018): the cutting of a piece whose tokens' log-probabilities sum to the most, found by Viterbi's
/// algorithm over all tokens that begin at each place.
struct UnigramModel: Sendable {
  /// How much less likely than the least likely token an unknown character is.
  private static let unknownPenalty = 10.0

  let vocabulary: Vocabulary
  private let scores: [Double]
  private let trie: ByteTrie
  private let unknownID: Int32?
  private let unknownScore: Double
  private let byteIDs: [Int32]
  private let fallsBackToBytes: Bool

  /// A token's id is its place among the pieces.
  init(pieces: [(String, Double)], unknownID: Int?, fallsBackToBytes: Bool) throws(TokenizerError) {
    guard pieces.count < Int(Int32.max) else {
      throw .invalidField(path: "model.vocab", reason: "too many pieces")
    }
    if let unknownID, !pieces.indices.contains(unknownID) {
      throw .invalidField(path: "model.unk_id", reason: "\(unknownID) is not among the \(pieces.count) pieces")
    }
    var vocabulary = Vocabulary(capacity: pieces.count)
    for (id, piece) in pieces.enumerated() { vocabulary.insert(piece.0, id: Int32(id)) }
    self.vocabulary = vocabulary
    scores = pieces.map(\.1)
    trie = try ByteTrie(vocabulary: vocabulary)
    self.unknownID = unknownID.map(Int32.init)
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    byteIDs = (0..<256).map { vocabulary.id(of: ByteToken.name(UInt8($0))) ?? -1 }
    self.fallsBackToBytes = fallsBackToBytes
  }

  /// The best way to a place in the piece.
  fileprivate struct Node {
    var score = 0.0
    /// Where its last token begins, or -1 when there is no way yet.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  /// Memory used again from piece to piece.
  struct Workspace {
    fileprivate var nodes: [Node] = []
    fileprivate var ends: [Int32] = []
  }

  func tokenize(
    _ piece: UnsafeBufferPointer<UInt8>, _ workspace: inout Workspace, into sink: inout TokenSink
  ) throws(TokenizerError) {
    if piece.isEmpty { return }
    guard findBest(piece, &workspace.nodes) else { throw .noUnknownToken(model: "Unigram") }
    // Walked from the end; unknown tokens in a row are one.
    workspace.ends.removeAll(keepingCapacity: true)
    var end = piece.count
    var followsUnknown = false
    while end > 0 {
      let node = workspace.nodes[end]
      let isUnknown = node.id == unknownID
      if !(isUnknown && followsUnknown) { workspace.ends.append(Int32(end)) }
      followsUnknown = isUnknown
      end = Int(node.start)
    }
    var start = 0
    for end in workspace.ends.reversed() {
      try add(piece, start, Int(end), workspace.nodes[Int(end)].id, into: &sink)
      start = Int(end)
    }
  }

  private func findBest(_ piece: UnsafeBufferPointer<UInt8>, _ nodes: inout [Node]) -> Bool {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(contentsOf: repeatElement(Node(), count: piece.count + 1))
    return nodes.withUnsafeMutableBufferPointer { nodes in
      var start = 0
      while start < piece.count {
        let score = nodes[start].score
        let width = utf8Width(piece[start])
        var hasSingle = false
        var node = ByteTrie.root
        var index = start
        while index < piece.count, let next = trie.child(of: node, piece[index]) {
          node = next
          index += 1
          let id = trie.values[Int(node)]
          if id < 0 { continue }
          let candidate = scores[Int(id)] + score
          if nodes[index].start < 0 || candidate > nodes[index].score {
            nodes[index] = Node(score: candidate, start: Int32(start), id: id)
          }
          if index - start == width { hasSingle = true }
        }
        if !hasSingle {
          let candidate = unknownScore + score
          let target = start + width
          if nodes[target].start < 0 || candidate > nodes[target].score {
            guard let unknownID else { return false }
            nodes[target] = Node(score: candidate, start: Int32(start), id: unknownID)
          }
        }
        start += width
      }
      return true
    }
  }

  private func add(
    _ piece: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ id: Int32, into sink: inout TokenSink
  ) throws(TokenizerError) {
    if id != unknownID { return sink.add(id, start, end) }
    let text = UnsafeBufferPointer(rebasing: piece[start..<end])
    // Several unknown characters can together be a token, though not on the best way.
    if let known = vocabulary.id(of: text) { return sink.add(known, start, end) }
    if fallsBackToBytes, text.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
      for byte in text { sink.add(byteIDs[Int(byte)], start, end) }
      return
    }
    sink.add(id, start, end, surface: String(decoding: text, as: UTF8.self))
  }
}
