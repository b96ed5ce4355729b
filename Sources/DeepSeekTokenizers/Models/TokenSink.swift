/// Where a model puts the tokens of a piece; ranges are in bytes of the piece.
struct TokenSink {
  private(set) var ids: [Int32] = []
  /// Ranges in bytes of the whole normalized text.
  private(set) var starts: [Int32] = []
  private(set) var ends: [Int32] = []
  private(set) var words: [Int32] = []
  /// The texts of tokens that differ from what the vocabulary calls them, by position.
  private(set) var surfaces: [Int: String] = [:]

  /// Where the piece begins.
  var base: Int32 = 0
  /// The number of the piece.
  var word: Int32 = 0

  init(capacity: Int) {
    ids.reserveCapacity(capacity)
    starts.reserveCapacity(capacity)
    ends.reserveCapacity(capacity)
    words.reserveCapacity(capacity)
  }

  @inline(__always)
  mutating func add(_ id: Int32, _ start: Int, _ end: Int) {
    ids.append(id)
    starts.append(base + Int32(truncatingIfNeeded: start))
    ends.append(base + Int32(truncatingIfNeeded: end))
    words.append(word)
  }

  mutating func add(_ id: Int32, _ start: Int, _ end: Int, surface: String) {
    surfaces[ids.count] = surface
    add(id, start, end)
  }

  /// Takes back the tokens after the first so many.
  @inline(__always)
  mutating func truncate(to count: Int) {
    guard count < ids.count else { return }
    ids.removeSubrange(count...)
    starts.removeSubrange(count...)
    ends.removeSubrange(count...)
    words.removeSubrange(count...)
  }
}
