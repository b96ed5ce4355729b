/// A name in a group, and the object it stands for.
struct HDF5Link {
  let name: String
  /// The address of the object's header.
  let address: Int
}

/// The links of a group, in the order in which the file has them. Soft and external links name what other links name too, or
/// what is in another file, and are passed over.
enum HDF5Group {
  static func links(
    _ header: HDF5ObjectHeader, _ format: HDF5Format, _ budget: inout HDF5Budget
  ) throws -> [HDF5Link] {
    if var table = header.first(.symbolTable) {
      let tree = try table.existingAddress()
      let heap = try HDF5LocalHeap(format, at: table.existingAddress())
      var links: [HDF5Link] = []
      try HDF5Tree(format, kind: 0, keyWidth: format.lengthWidth).visit(tree, &budget) { address, _, budget in
        links += try symbols(format, at: address, heap, &budget)
      }
      return links
    }
    if var information = header.first(.linkInformation) {
      _ = try information.version(0...0)
      if try information.byte() & 1 != 0 { try information.skip(8) }
      if try information.address() != nil {
        throw format.failure(
          .unsupported, at: information.position, "a group keeps its many links in a fractal heap",
          advice: "write the file with libver='earliest', as Keras does")
      }
    }
    return try header.messages.filter { $0.kind == .link }.compactMap { message in
      var body = message.body
      let link = try link(&body)
      try budget.spend(link?.name.utf8.count ?? 0, format)
      return link
    }
  }

  /// Whether an object is a group.
  static func isGroup(_ header: HDF5ObjectHeader) -> Bool {
    header.messages.contains { [.symbolTable, .linkInformation, .link].contains($0.kind) }
  }

  /// The links of one leaf of a symbol table.
  private static func symbols(
    _ format: HDF5Format, at address: Int, _ heap: HDF5LocalHeap, _ budget: inout HDF5Budget
  ) throws -> [HDF5Link] {
    var cursor = try format.cursor(at: address, "a symbol table")
    try cursor.signature("SNOD")
    _ = try cursor.version(1...1)
    try cursor.skip(1)
    let count = try cursor.short()
    var links: [HDF5Link] = []
    for _ in 0..<count {
      let name = try heap.text(at: cursor.integer(format.offsetWidth))
      try budget.spend(name.utf8.count + 32, format)
      let target = try cursor.address()
      let kind = try cursor.word()
      try cursor.skip(20)
      // 2 is a soft link, whose text is in the scratch space.
      if kind != 2, let target { links.append(HDF5Link(name: name, address: target)) }
    }
    return links
  }

  /// A link of a modern group; `nil` for one that is not hard.
  private static func link(_ body: inout HDF5Cursor) throws -> HDF5Link? {
    _ = try body.version(1...1)
    let flags = try body.byte()
    let kind = flags & 8 != 0 ? try body.byte() : 0
    if flags & 4 != 0 { try body.skip(8) }
    if flags & 16 != 0 { try body.skip(1) }
    let count = try body.integer(1 << (flags & 3))
    let name = try body.text(count)
    return kind == 0 ? HDF5Link(name: name, address: try body.existingAddress()) : nil
  }
}

/// The names of a group's symbol table.
struct HDF5LocalHeap {
  private let data: HDF5Cursor

  init(_ format: HDF5Format, at address: Int) throws {
    var cursor = try format.cursor(at: address, "a heap of names")
    try cursor.signature("HEAP")
    _ = try cursor.version(0...0)
    try cursor.skip(3)
    let count = try cursor.length()
    try cursor.skip(format.lengthWidth)
    data = try format.cursor(at: cursor.existingAddress(), count: count, "a heap of names")
  }

  /// The name that begins at a byte.
  func text(at offset: Int) throws -> String {
    var cursor = data
    try cursor.skip(offset)
    return try cursor.terminatedText()
  }
}

/// A B-tree of version 1, of symbol tables or of chunks.
struct HDF5Tree {
  let format: HDF5Format
  let kind: Int
  let keyWidth: Int

  init(_ format: HDF5Format, kind: Int, keyWidth: Int) {
    self.format = format
    self.kind = kind
    self.keyWidth = keyWidth
  }

  /// Calls `body` with the address and the key of each leaf's child, in order.
  func visit(
    _ root: Int, _ budget: inout HDF5Budget,
    _ body: (_ address: Int, _ key: HDF5Cursor, _ budget: inout HDF5Budget) throws -> Void
  ) throws {
    var seen: Set<Int> = []
    var stack: [(address: Int, level: Int?)] = [(root, nil)]
    while let (address, expected) = stack.popLast() {
      var cursor = try format.cursor(at: address, "a tree's node")
      let start = cursor.position
      guard seen.insert(start).inserted else { throw format.failure(at: start, "a tree's node lies under itself") }
      try cursor.signature("TREE")
      let kind = try cursor.byte()
      let level = try cursor.byte()
      guard kind == self.kind, expected.map({ $0 == level }) ?? true else {
        throw format.failure(at: start, "a tree's node of kind \(kind) and level \(level) where another belongs")
      }
      let count = try cursor.short()
      try cursor.skip(2 * format.offsetWidth)
      try budget.spend(count * (keyWidth + format.offsetWidth), format)
      var children: [(address: Int, level: Int?)] = []
      for _ in 0..<count {
        let key = try cursor.piece(keyWidth, "a tree's key")
        let child = try cursor.existingAddress()
        if level == 0 { try body(child, key, &budget) } else { children.append((child, level - 1)) }
      }
      stack += children.reversed()
    }
  }
}
