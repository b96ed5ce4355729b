/// What two tokens merge to and how early, by open addressing.
struct MergeTable: Sendable {
  struct Entry: Sendable {
    /// The pair; all ones where free.
    var key: UInt64 = .max
    var rank: Int32 = 0
    var merged: Int32 = 0
  }

  private var entries: [Entry]
  private var count = 0
  private var shift: UInt64

  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    shift = 64 - bits
    entries = [Entry](repeating: Entry(), count: 1 << bits)
  }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    let mask = entries.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    entries.withUnsafeBufferPointer { entries in
      while entries[slot].key != key, entries[slot].key != .max { slot = (slot + 1) & mask }
    }
    return slot
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Adds a merge. A repeated pair takes the later rank.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int32, merged: Int32) {
    let key = Self.key(left, right)
    var place = slot(key)
    if entries[place].key == .max {
      count += 1
      if count * 2 > entries.count {
        let old = entries
        shift -= 1
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.key != .max { entries[slot(entry.key)] = entry }
        place = slot(key)
      }
    }
    entries[place] = Entry(key: key, rank: rank, merged: merged)
  }

  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> Entry? {
    let entry = entries[slot(Self.key(left, right))]
    return entry.key == .max ? nil : entry
  }
}

/// A token of a piece under merging; its length in bytes is 0 once it has been merged into the one before.
struct BPESymbol {
  var id: Int32
  var length: Int32
  /// The neighbours, for the queue only.
  var previous: Int32 = -1
  var next: Int32 = -1
  /// What this and the next merge to, for scanning only.
  var rank = Int32.max
  var merged: Int32 = 0

  /// Up to so many symbols it is quicker to look for the earliest merge each time than to keep a queue.
  static let scanLimit = 32

  init(id: Int32, length: Int32) {
    self.id = id
    self.length = length
  }

  static func mergeByScanning(_ symbols: inout [BPESymbol], _ merges: MergeTable) {
    var count = symbols.count
    symbols.withUnsafeMutableBufferPointer { symbols in
      func rate(_ index: Int) {
        if index + 1 < count, let entry = merges.find(symbols[index].id, symbols[index + 1].id) {
          symbols[index].rank = entry.rank
          symbols[index].merged = entry.merged
        } else {
          symbols[index].rank = .max
        }
      }
      for index in 0..<count { rate(index) }
      while count > 1 {
        var best = 0
        for index in 1..<count where symbols[index].rank < symbols[best].rank { best = index }
        if symbols[best].rank == .max { break }
        symbols[best].id = symbols[best].merged
        symbols[best].length += symbols[best + 1].length
        count -= 1
        for index in best + 1..<max(best + 1, count) { symbols[index] = symbols[index + 1] }
        rate(best)
        if best > 0 { rate(best - 1) }
      }
    }
    symbols.removeSubrange(count...)
  }
}

/// Merging of long pieces by a heap of possible merges, earliest first, then leftmost: n log n.
struct MergeQueue {
  private struct Candidate {
    var rank: Int32
    var position: Int32
    var merged: Int32

    static func < (left: Candidate, right: Candidate) -> Bool {
      left.rank != right.rank ? left.rank < right.rank : left.position < right.position
    }
  }

  private var heap: [Candidate] = []

  mutating func merge(_ symbols: inout [BPESymbol], _ merges: MergeTable) {
    heap.removeAll(keepingCapacity: true)
    for index in symbols.indices {
      symbols[index].previous = Int32(index) - 1
      symbols[index].next = index + 1 < symbols.count ? Int32(index) + 1 : -1
      propose(Int32(index), symbols, merges)
    }
    while let candidate = pop() {
      let position = Int(candidate.position)
      let left = symbols[position]
      guard left.length > 0, left.next >= 0 else { continue }
      let right = symbols[Int(left.next)]
      // The pair may have changed since it was proposed.
      guard let entry = merges.find(left.id, right.id), entry.merged == candidate.merged else { continue }
      symbols[Int(left.next)].length = 0
      symbols[position].id = entry.merged
      symbols[position].length += right.length
      symbols[position].next = right.next
      if right.next >= 0 { symbols[Int(right.next)].previous = candidate.position }
      if left.previous >= 0 { propose(left.previous, symbols, merges) }
      propose(candidate.position, symbols, merges)
    }
  }

  private mutating func propose(_ position: Int32, _ symbols: [BPESymbol], _ merges: MergeTable) {
    let symbol = symbols[Int(position)]
    guard symbol.next >= 0, let entry = merges.find(symbol.id, symbols[Int(symbol.next)].id) else { return }
    push(Candidate(rank: entry.rank, position: position, merged: entry.merged))
  }

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func pop() -> Candidate? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return top }
    heap[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return top
  }
}
