/// The members of a JSON object, in order, found by key in constant time.
///
/// Keys are compared byte by byte. Small objects are searched from the front; larger ones carry a hash index, so a
/// vocabulary of any size costs the same per look-up.
public struct JSONObject: Sendable {
  /// One member of an object.
  public struct Member: Sendable {
    /// The key.
    public let key: String
    /// The value.
    public internal(set) var value: JSONValue
  }

  /// The members in the order in which they were written or added.
  public private(set) var members: [Member] = []

  /// Open addressing: positions in `members`, or -1; empty while the object is small. Its count is a power of two.
  private var slots: [Int32] = []

  /// Objects with at most this many members are searched one by one: faster than hashing the key.
  static let linearLimit = 8

  /// An object without members.
  public init() {}

  /// How many members there are.
  public var count: Int { members.count }

  /// Whether there are no members.
  public var isEmpty: Bool { members.isEmpty }

  /// The keys in order.
  public var keys: [String] { members.map(\.key) }

  /// The value of a member. Setting adds a member at the end, replaces a value in its place, or (with `nil`) removes
  /// the member, which costs time in proportion to the number of members.
  public subscript(key: String) -> JSONValue? {
    get { find(key).map { members[$0].value } }
    set {
      switch (find(key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil):
        members.remove(at: position)
        slots = []
        if members.count > Self.linearLimit { rebuild() }
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  mutating func reserve(_ count: Int) { members.reserveCapacity(count) }

  /// Adds a member unless the key is there; then answers `false` and, where asked, replaces the value.
  mutating func insert(_ key: String, _ value: JSONValue, replacing: Bool) -> Bool {
    if let position = find(key) {
      if replacing { members[position].value = value }
      return false
    }
    append(key, value)
    return true
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    members.append(Member(key: key, value: value))
    guard members.count > Self.linearLimit else { return }
    // At most half full, so that probes stay short.
    if members.count * 2 > slots.count { rebuild() } else { place(members.count - 1) }
  }

  private mutating func rebuild() {
    var capacity = 32
    while capacity < members.count * 4 { capacity *= 2 }
    slots = [Int32](repeating: -1, count: capacity)
    for position in members.indices { place(position) }
  }

  private mutating func place(_ position: Int) {
    let mask = slots.count - 1
    var slot = Self.hash(members[position].key) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(truncatingIfNeeded: position)
  }

  private func find(_ key: String) -> Int? {
    if slots.isEmpty { return members.firstIndex { Self.same($0.key, key) } }
    let mask = slots.count - 1
    var slot = Self.hash(key) & mask
    while slots[slot] >= 0 {
      let position = Int(slots[slot])
      if Self.same(members[position].key, key) { return position }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static func same(_ left: String, _ right: String) -> Bool {
    let a = left.utf8
    let b = right.utf8
    return a.count == b.count && a.elementsEqual(b)
  }

  /// Chosen per process, so that a document cannot be written to make all its keys collide.
  private static let seed = UInt64.random(in: .min ... .max)

  private static func hash(_ key: String) -> Int {
    var state = seed
    var key = key
    key.withUTF8 { bytes in
      for byte in bytes { state = (state ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 ^ (state >> 29) }
    }
    state ^= state >> 32
    return Int(truncatingIfNeeded: (state &* 0xD6E8_FEB8_6659_FD93) >> 33)
  }
}

extension JSONObject: Equatable {
  /// The same members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count
      && zip(left.members, right.members).allSatisfy { same($0.key, $1.key) && $0.value == $1.value }
  }
}
