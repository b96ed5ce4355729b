/// Byte strings with values, walked byte by byte: finds every prefix of a text that is in the set in one pass.
///
/// All edges lie in one open-addressing table keyed by (node, byte), so that a step costs one look-up and building
/// costs one insertion per distinct prefix.
struct ByteTrie: Sendable {
  /// Nodes are numbered by 24 bits.
  static let maximumNodeCount = 1 << 24 - 1
  static let root: UInt32 = 0

  /// `key << 32 | child`, the key being `node << 8 | byte`; all ones where free.
  private var edges: [UInt64]
  private var edgeCount = 0
  private var shift: UInt32
  /// The value of the string that ends at each node, or -1.
  private(set) var values: [Int32] = [-1]

  init(expectedBytes: Int = 0) {
    var bits: UInt32 = 8
    while bits < 26, 1 << bits < expectedBytes { bits += 1 }
    shift = 32 - bits
    edges = [UInt64](repeating: .max, count: 1 << bits)
  }

  /// The child of a node by a byte, or `nil`.
  @inline(__always)
  func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
    let key = node << 8 | UInt32(byte)
    let mask = edges.count - 1
    var slot = Int((key &* 0x9E37_79B1) >> shift)
    return edges.withUnsafeBufferPointer { edges in
      while true {
        let edge = edges[slot]
        if edge == .max { return nil }
        if UInt32(truncatingIfNeeded: edge >> 32) == key { return UInt32(truncatingIfNeeded: edge) }
        slot = (slot + 1) & mask
      }
    }
  }

  /// Adds a string; a later value replaces an earlier one. Answers `false` when the trie is full.
  mutating func insert(_ string: UnsafeBufferPointer<UInt8>, value: Int32) -> Bool {
    var node = Self.root
    for byte in string {
      if let next = child(of: node, byte) {
        node = next
      } else {
        guard values.count < Self.maximumNodeCount else { return false }
        let next = UInt32(values.count)
        values.append(-1)
        add(node << 8 | UInt32(byte), next)
        node = next
      }
    }
    values[Int(node)] = value
    return true
  }

  /// The node that a string leads to, or `nil`.
  func node(_ string: [UInt8], from start: UInt32 = root) -> UInt32? {
    var node = start
    for byte in string {
      guard let next = child(of: node, byte) else { return nil }
      node = next
    }
    return node
  }

  private mutating func add(_ key: UInt32, _ child: UInt32) {
    edgeCount += 1
    if edgeCount * 2 > edges.count { grow() }
    place(UInt64(key) << 32 | UInt64(child))
  }

  private mutating func place(_ edge: UInt64) {
    let mask = edges.count - 1
    var slot = Int((UInt32(truncatingIfNeeded: edge >> 32) &* 0x9E37_79B1) >> shift)
    while edges[slot] != .max { slot = (slot + 1) & mask }
    edges[slot] = edge
  }

  private mutating func grow() {
    let old = edges
    shift -= 1
    edges = [UInt64](repeating: .max, count: old.count * 2)
    for edge in old where edge != .max { place(edge) }
  }
}
