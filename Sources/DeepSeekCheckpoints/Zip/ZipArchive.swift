/// The table of contents of a ZIP archive, with 64-bit lengths where it has them.
struct ZipArchive {
  /// One member, as the table of contents has it.
  struct Member {
    let name: String
    let nameBytes: [UInt8]
    let method: UInt16
    let flags: UInt16
    let checksum: UInt32
    let compressedByteCount: Int
    let byteCount: Int
    let headerOffset: Int
  }

  let file: MappedFile
  let members: [Member]

  /// Reads the table of contents from the end of the file.
  init(_ file: MappedFile) throws {
    self.file = file
    members = try file.withBytes { try ZipArchive.members($0, file.path) }
  }

  /// The bytes of a member as they are stored, by its own header.
  func stored(_ member: Member) throws -> Range<Int> {
    try file.withBytes { bytes in
      var reader = ByteReader(bytes, at: member.headerOffset)
      guard reader.next(UInt32.self) == ZipFormat.localSignature, reader.take(22) != nil,
        let nameLength = reader.next(UInt16.self), let extraLength = reader.next(UInt16.self),
        let name = reader.take(Int(nameLength)), reader.take(Int(extraLength)) != nil
      else { throw failure(member, "its header is not where the table of contents says") }
      guard name.elementsEqual(member.nameBytes) else {
        throw failure(member, "its own header gives it another name than the table of contents")
      }
      guard reader.remaining >= member.compressedByteCount else {
        throw failure(member, "it reaches beyond the end of the file", .truncated)
      }
      return reader.position..<reader.position + member.compressedByteCount
    }
  }

  /// A member's bytes, inflated where it is compressed, and compared with its checksum.
  /// - Throws: ``CheckpointError``, also when they would take more than `limit` bytes.
  func contents(_ member: Member, limit: Int = MemoryBudget.largestBlock) throws -> [UInt8] {
    try MemoryBudget.check(member.byteCount, limit: limit, file: file.path, item: member.name)
    let reader = try ZipMemberReader(self, member)
    let bytes = try [UInt8](unsafeUninitializedCapacity: member.byteCount) { buffer, count in
      try reader.read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<member.byteCount]))
      count = member.byteCount
    }
    try reader.finish()
    return bytes
  }

  func failure(_ member: Member, _ message: String, _ kind: CheckpointError.Kind = .malformed) -> CheckpointError {
    CheckpointError(
      kind, file: file.path, item: member.name, offset: member.headerOffset, message,
      advice: kind == .unsupported
        ? "write the archive with its members stored or deflated" : CheckpointError.downloadAgain)
  }

  private static func members(_ bytes: UnsafeRawBufferPointer, _ path: String) throws -> [Member] {
    func failure(_ message: String, at offset: Int) -> CheckpointError {
      CheckpointError(.malformed, file: path, offset: offset, message, advice: CheckpointError.downloadAgain)
    }
    let directory = try directory(bytes, path)
    var reader = ByteReader(
      UnsafeRawBufferPointer(rebasing: bytes[..<directory.range.upperBound]), at: directory.range.lowerBound)
    var members: [Member] = []
    var names = Set<ExactName>()
    while members.count < directory.count {
      let start = reader.position
      guard let member = member(&reader) else {
        throw failure("entry \(members.count) of the table of contents is damaged", at: start)
      }
      guard names.insert(ExactName(member.name)).inserted else {
        throw failure("the member '\(member.name)' occurs twice", at: start)
      }
      members.append(member)
    }
    return members
  }

  /// Where the table of contents is, and how many entries it has.
  private static func directory(
    _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws -> (range: Range<Int>, count: Int) {
    func failure(_ message: String, at offset: Int) -> CheckpointError {
      CheckpointError(
        .malformed, file: path, offset: offset, message,
        advice: "check that this is a ZIP archive (.npz, .pt), and that it is complete")
    }
    guard let end = endRecord(bytes) else { throw failure("it does not end as a ZIP archive does", at: bytes.count) }
    var reader = ByteReader(bytes, at: end + 8)
    guard reader.next(UInt16.self) != nil, let count16 = reader.next(UInt16.self),
      let size32 = reader.next(UInt32.self), let offset32 = reader.next(UInt32.self)
    else { throw failure("its end is damaged", at: end) }
    var (count, size, offset) = (UInt64(count16), UInt64(size32), UInt64(offset32))
    var limit = end
    if count16 == ZipFormat.saturatedCount || size32 == ZipFormat.saturated || offset32 == ZipFormat.saturated,
      let end64 = try end64Record(bytes, before: end, failure)
    {
      var reader = ByteReader(bytes, at: end64 + 32)
      guard let count64 = reader.next(UInt64.self), let size64 = reader.next(UInt64.self),
        let offset64 = reader.next(UInt64.self)
      else { throw failure("its 64-bit end is damaged", at: end64) }
      (count, size, offset, limit) = (count64, size64, offset64, end64)
    }
    guard offset <= UInt64(limit), size <= UInt64(limit) - offset else {
      throw failure("its table of contents would lie outside the file", at: end)
    }
    guard count <= size / UInt64(ZipFormat.centralByteCount) else {
      throw failure("its table of contents is too short for \(count) entries", at: end)
    }
    return (Int(offset)..<Int(offset + size), Int(count))
  }

  /// The position of the record that ends an archive: the last whose comment reaches the end of the file.
  private static func endRecord(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var position = bytes.count - ZipFormat.endByteCount
    let lowest = max(0, position - Int(UInt16.max))
    while position >= lowest {
      var reader = ByteReader(bytes, at: position)
      if reader.next(UInt32.self) == ZipFormat.endSignature, reader.take(16) != nil,
        let comment = reader.next(UInt16.self), reader.remaining == Int(comment)
      {
        return position
      }
      position -= 1
    }
    return nil
  }

  /// The position of the record with the 64-bit lengths, when there is one.
  private static func end64Record(
    _ bytes: UnsafeRawBufferPointer, before end: Int, _ failure: (String, Int) -> CheckpointError
  ) throws -> Int? {
    let locator = end - ZipFormat.locator64ByteCount
    guard locator >= 0 else { return nil }
    var reader = ByteReader(bytes, at: locator)
    guard reader.next(UInt32.self) == ZipFormat.locator64Signature else { return nil }
    guard reader.take(4) != nil, let offset = reader.next(UInt64.self),
      offset <= UInt64(max(0, locator - ZipFormat.end64ByteCount))
    else { throw failure("its 64-bit end would lie outside the file", locator) }
    var record = ByteReader(bytes, at: Int(offset))
    guard record.next(UInt32.self) == ZipFormat.end64Signature else {
      throw failure("its 64-bit end is not where its locator says", locator)
    }
    return Int(offset)
  }

  private static func member(_ reader: inout ByteReader) -> Member? {
    guard reader.next(UInt32.self) == ZipFormat.centralSignature, reader.take(4) != nil,
      let flags = reader.next(UInt16.self), let method = reader.next(UInt16.self), reader.take(4) != nil,
      let checksum = reader.next(UInt32.self), let compressed32 = reader.next(UInt32.self),
      let size32 = reader.next(UInt32.self), let nameLength = reader.next(UInt16.self),
      let extraLength = reader.next(UInt16.self), let commentLength = reader.next(UInt16.self), reader.take(8) != nil,
      let offset32 = reader.next(UInt32.self), let name = reader.take(Int(nameLength)),
      let extra = reader.take(Int(extraLength)), reader.take(Int(commentLength)) != nil
    else { return nil }
    var size = UInt64(size32)
    var compressed = UInt64(compressed32)
    var offset = UInt64(offset32)
    let needs64 = [size32, compressed32, offset32].contains(ZipFormat.saturated)
    if needs64, let field = field64(extra) {
      // Only the saturated values are there, in this order.
      var reader = ByteReader(field)
      if size32 == ZipFormat.saturated {
        guard let value = reader.next(UInt64.self) else { return nil }
        size = value
      }
      if compressed32 == ZipFormat.saturated {
        guard let value = reader.next(UInt64.self) else { return nil }
        compressed = value
      }
      if offset32 == ZipFormat.saturated {
        guard let value = reader.next(UInt64.self) else { return nil }
        offset = value
      }
    }
    guard let byteCount = Int(exactly: size), let compressedByteCount = Int(exactly: compressed),
      let headerOffset = Int(exactly: offset)
    else { return nil }
    return Member(
      name: String(decoding: name, as: UTF8.self), nameBytes: Array(name), method: method, flags: flags,
      checksum: checksum, compressedByteCount: compressedByteCount, byteCount: byteCount, headerOffset: headerOffset)
  }

  private static func field64(_ extra: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var reader = ByteReader(extra)
    while let kind = reader.next(UInt16.self), let length = reader.next(UInt16.self),
      let field = reader.take(Int(length))
    {
      if kind == ZipFormat.extra64 { return field }
    }
    return nil
  }
}
