/// The messages of an object: what a group or a data set says of itself.
struct HDF5ObjectHeader {
  /// A kind of message, by its number.
  enum Kind: Int {
    case dataspace = 1
    case linkInformation = 2
    case datatype = 3
    case fillValue = 5
    case link = 6
    case layout = 8
    case filters = 11
    case attribute = 12
    case continuation = 16
    case symbolTable = 17
    case attributeInformation = 21
  }

  /// One message.
  struct Message {
    let kind: Kind
    /// Whether it stands elsewhere, and this is only where.
    let isShared: Bool
    let body: HDF5Cursor
  }

  private(set) var messages: [Message] = []

  /// The first message of a kind.
  func first(_ kind: Kind) -> HDF5Cursor? { messages.first { $0.kind == kind }?.body }

  /// Reads a header and what continues it. `budget` bounds the sum over all headers of a file.
  init(_ format: HDF5Format, at address: Int, _ budget: inout HDF5Budget) throws {
    var cursor = try format.cursor(at: address, "an object's header")
    let start = cursor.position
    let isModern = format.file.withBytes { $0[start...].starts(with: "OHDR".utf8) }
    var blocks: [HDF5Cursor] = []
    var hasOrder = false
    if isModern {
      try cursor.signature("OHDR")
      _ = try cursor.version(2...2)
      let flags = try cursor.byte()
      if flags & 0x20 != 0 { try cursor.skip(16) }
      if flags & 0x10 != 0 { try cursor.skip(4) }
      hasOrder = flags & 4 != 0
      let size = try cursor.integer(1 << (flags & 3))
      blocks.append(try cursor.piece(size, "an object's header"))
      try cursor.checksum(from: start)
    } else {
      _ = try cursor.version(1...1)
      try cursor.skip(7)
      let size = try cursor.word()
      try cursor.skip(4)
      blocks.append(try cursor.piece(size, "an object's header"))
    }
    var seen: Set<Int> = [start]
    var next = 0
    while next < blocks.count {
      var block = blocks[next]
      next += 1
      while block.remaining >= (isModern ? (hasOrder ? 6 : 4) : 8) {
        guard let message = try HDF5ObjectHeader.message(&block, isModern: isModern, hasOrder: hasOrder) else {
          continue
        }
        try budget.spend(8, format)
        guard message.kind == .continuation else {
          messages.append(message)
          continue
        }
        var body = message.body
        let place = try body.existingAddress()
        let count = try body.length()
        var more = try format.cursor(at: place, count: count, "a continued header")
        guard seen.insert(more.position).inserted else {
          throw format.failure(at: more.position, "an object's header continues in a circle")
        }
        try budget.spend(count, format)
        blocks.append(isModern ? try HDF5ObjectHeader.continued(&more) : more)
      }
    }
  }

  /// What lies between the signature and the checksum of a modern header's continuation.
  private static func continued(_ block: inout HDF5Cursor) throws -> HDF5Cursor {
    let start = block.position
    try block.signature("OCHK")
    let inside = try block.piece(block.remaining - 4, "a continued header")
    try block.checksum(from: start)
    return inside
  }

  /// The next message; `nil` for one that says nothing here.
  private static func message(_ block: inout HDF5Cursor, isModern: Bool, hasOrder: Bool) throws -> Message? {
    let number = isModern ? try block.byte() : try block.short()
    let size = try block.short()
    let flags = try block.byte()
    if isModern { try block.skip(hasOrder ? 2 : 0) } else { try block.skip(3) }
    let body = try block.piece(size, "a message of an object's header")
    return Kind(rawValue: number).map { Message(kind: $0, isShared: flags & 2 != 0, body: body) }
  }
}

/// How much may be read of a file's structures in all: several of them may be said to lie in the same bytes, and then a
/// short file could keep a reader busy for long.
struct HDF5Budget {
  private var left: Int

  /// For a file of so many bytes.
  init(fileByteCount: Int) { left = 8 * fileByteCount + 1 << 16 }

  /// Throws when the structures are larger than the file allows.
  mutating func spend(_ byteCount: Int, _ format: HDF5Format) throws {
    left -= byteCount
    if left < 0 {
      throw format.failure(.malformed, "its structures are larger in all than the file; they lie over each other")
    }
  }
}
