/// Tokens by id and ids by token: one arena of bytes, one hash table, no `String` until one is asked for.
struct Vocabulary: Sendable {
  private var arena: [UInt8] = []
  /// Where each entry begins in the arena; one more than there are entries.
  private var starts: [UInt32] = [0]
  private(set) var ids: [Int32] = []
  /// Open addressing: entry numbers, or -1.
  private var slots: [Int32]
  /// Entry numbers by id where ids are dense, -1 for gaps; otherwise `sparse` has them.
  private var entries: [Int32] = []
  private var sparse: [Int32: Int32] = [:]

  /// How many distinct tokens there are.
  var count: Int { ids.count }

  /// The largest id, or -1.
  private(set) var maximumID: Int32 = -1

  init(capacity: Int = 0) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    ids.reserveCapacity(capacity)
    starts.reserveCapacity(capacity + 1)
    arena.reserveCapacity(capacity * 8)
  }

  /// Adds a token; one that is there already gets the new id.
  mutating func insert(_ token: UnsafeBufferPointer<UInt8>, id: Int32) {
    maximumID = max(maximumID, id)
    let slot = slot(of: token)
    if slots[slot] >= 0 {
      ids[Int(slots[slot])] = id
      index(Int32(slots[slot]), id)
      return
    }
    let entry = Int32(ids.count)
    slots[slot] = entry
    ids.append(id)
    arena.append(contentsOf: token)
    starts.append(UInt32(arena.count))
    index(entry, id)
    if ids.count * 2 > slots.count { rehash() }
  }

  mutating func insert(_ token: String, id: Int32) {
    var token = token
    token.withUTF8 { insert($0, id: id) }
  }

  private mutating func index(_ entry: Int32, _ id: Int32) {
    let position = Int(id)
    if position < entries.count {
      entries[position] = entry
    } else if position <= entries.count + 1024 || position < ids.count * 4 {
      while entries.count < position { entries.append(sparse[Int32(entries.count)] ?? -1) }
      entries.append(entry)
    } else {
      // A file may number its tokens as it likes; memory must not follow the largest number.
      sparse[id] = entry
    }
  }

  private mutating func rehash() {
    let size = slots.count * 2
    slots = [Int32](repeating: -1, count: size)
    for entry in ids.indices {
      let slot: Int = arena.withUnsafeBufferPointer { arena in
        let start = Int(starts[entry])
        var slot = Int(truncatingIfNeeded: byteHash(pointer(arena, start), Int(starts[entry + 1]) - start)) & (size - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
        return slot
      }
      slots[slot] = Int32(entry)
    }
  }

  /// A pointer that is never null, for empty strings too.
  @inline(__always)
  private func pointer(_ buffer: UnsafeBufferPointer<UInt8>, _ offset: Int) -> UnsafePointer<UInt8> {
    buffer.baseAddress.map { $0 + offset } ?? UnsafePointer(bitPattern: 1)!
  }

  @inline(__always)
  private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = slots.count - 1
    let text = pointer(token, 0)
    var slot = Int(truncatingIfNeeded: byteHash(text, token.count)) & mask
    arena.withUnsafeBufferPointer { arena in
      while slots[slot] >= 0 {
        let entry = Int(slots[slot])
        let start = Int(starts[entry])
        if Int(starts[entry + 1]) - start == token.count, same(pointer(arena, start), text, token.count) { return }
        slot = (slot + 1) & mask
      }
    }
    return slot
  }

  @inline(__always)
  private func same(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    for index in 0..<count where left[index] != right[index] { return false }
    return true
  }

  /// The id of a token, or `nil`.
  @inline(__always)
  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    let entry = slots[slot(of: token)]
    return entry < 0 ? nil : ids[Int(entry)]
  }

  func id(of token: [UInt8]) -> Int32? { token.withUnsafeBufferPointer { id(of: $0) } }

  func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { id(of: $0) }
  }

  /// The bytes of the token with an id, or `nil`.
  func token(_ id: Int) -> ArraySlice<UInt8>? {
    guard let id = Int32(exactly: id), id >= 0 else { return nil }
    let entry: Int32
    if Int(id) < entries.count { entry = entries[Int(id)] } else { entry = sparse[id] ?? -1 }
    return entry < 0 ? nil : self[Int(entry)]
  }

  /// The bytes of the token that was added at a position.
  subscript(entry: Int) -> ArraySlice<UInt8> { arena[Int(starts[entry])..<Int(starts[entry + 1])] }
}
