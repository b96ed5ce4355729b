/// An HDF5 file's bytes and the widths of its numbers. What is read through it lies in the file, or an error is thrown.
struct HDF5Format: Sendable {
  let file: MappedFile
  /// The byte that addresses count from.
  let base: Int
  /// Bytes of an address.
  let offsetWidth: Int
  /// Bytes of a length.
  let lengthWidth: Int

  /// An error about a place in the file.
  func failure(
    _ kind: CheckpointError.Kind = .malformed, at offset: Int? = nil, item: String? = nil, _ message: String,
    advice: String = CheckpointError.downloadAgain
  ) -> CheckpointError {
    CheckpointError(kind, file: file.path, item: item, offset: offset, message, advice: advice)
  }

  /// A cursor at an address, up to `count` bytes further or the end of the file.
  func cursor(at address: Int, count: Int? = nil, _ what: String) throws -> HDF5Cursor {
    let (start, overflow) = base.addingReportingOverflow(address)
    guard !overflow, address >= 0, start <= file.byteCount else {
      throw failure(at: address, "\(what) would begin beyond the file's \(file.byteCount) bytes")
    }
    guard let count else { return HDF5Cursor(self, start..<file.byteCount, what) }
    guard count >= 0, count <= file.byteCount - start else {
      throw failure(.truncated, at: start, "\(what) of \(count) bytes reaches beyond the file's \(file.byteCount)")
    }
    return HDF5Cursor(self, start..<start + count, what)
  }

  /// Bytes that an address and a length name, as they lie in the file.
  func range(at address: Int, count: Int, _ what: String) throws -> Range<Int> {
    let cursor = try cursor(at: address, count: count, what)
    return cursor.position..<cursor.position + count
  }
}

/// A place in an HDF5 file that moves forward as numbers are read from it. Numbers are little-endian.
struct HDF5Cursor {
  let format: HDF5Format
  private(set) var position: Int
  /// Where what is read ends.
  let end: Int
  private let what: String

  init(_ format: HDF5Format, _ range: Range<Int>, _ what: String) {
    self.format = format
    position = range.lowerBound
    end = range.upperBound
    self.what = what
  }

  /// How many bytes are left.
  var remaining: Int { end - position }

  /// A number of one to eight bytes.
  mutating func number(_ width: Int) throws -> UInt64 {
    let start = try skip(width)
    return format.file.withBytes { bytes in
      var value: UInt64 = 0
      for index in (0..<min(width, 8)).reversed() { value = value << 8 | UInt64(bytes[start + index]) }
      return value
    }
  }

  /// A byte.
  mutating func byte() throws -> Int { Int(try number(1)) }

  /// Two bytes.
  mutating func short() throws -> Int { Int(try number(2)) }

  /// Four bytes.
  mutating func word() throws -> Int { Int(try number(4)) }

  /// A length; throws for one that no file has.
  mutating func length() throws -> Int { try integer(format.lengthWidth) }

  /// A number of some bytes that counts something.
  mutating func integer(_ width: Int) throws -> Int {
    let start = position
    guard let value = Int(exactly: try number(width)) else {
      throw format.failure(at: start, "\(what): a length is larger than any file")
    }
    return value
  }

  /// An address; `nil` for the one that means none.
  mutating func address() throws -> Int? {
    let start = position
    let width = format.offsetWidth
    let value = try number(width)
    if value == (width == 8 ? .max : (1 << UInt64(8 * width)) - 1) { return nil }
    guard let address = Int(exactly: value) else {
      throw format.failure(at: start, "\(what): an address is larger than any file")
    }
    return address
  }

  /// An address that must be there.
  mutating func existingAddress() throws -> Int {
    let start = position
    guard let address = try address() else { throw format.failure(at: start, "\(what): an address is not set") }
    return address
  }

  /// Passes over some bytes and returns where they begin.
  @discardableResult
  mutating func skip(_ count: Int) throws -> Int {
    guard count >= 0, count <= remaining else {
      throw format.failure(
        .truncated, at: position, "\(what) ends after \(remaining) of \(count) bytes that are read next")
    }
    defer { position += count }
    return position
  }

  /// The next bytes as a piece of their own.
  mutating func piece(_ count: Int, _ what: String) throws -> HDF5Cursor {
    let start = try skip(count)
    return HDF5Cursor(format, start..<start + count, what)
  }

  /// Passes over what is left until a multiple of eight bytes from `start`.
  mutating func align(from start: Int) throws { try skip((8 - (position - start) % 8) % 8) }

  /// Four letters that must come next.
  mutating func signature(_ text: String) throws {
    let start = try skip(4)
    guard format.file.withBytes({ $0[start..<start + 4].elementsEqual(text.utf8) }) else {
      throw format.failure(at: start, "\(what) does not begin with '\(text)'")
    }
  }

  /// A number that must be one of these.
  mutating func version(_ known: ClosedRange<Int>) throws -> Int {
    let start = position
    let version = try byte()
    guard known.contains(version) else {
      throw format.failure(
        .unsupported, at: start, "\(what) has version \(version); \(known) are supported",
        advice: "write the file with another version of HDF5")
    }
    return version
  }

  /// Text of some bytes, up to its first zero.
  mutating func text(_ count: Int) throws -> String {
    let start = try skip(count)
    return format.file.withBytes { String(decoding: $0[start..<start + count].prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Text that a zero ends, which is passed over.
  mutating func terminatedText() throws -> String {
    let start = position
    let found = format.file.withBytes { $0[start..<end].firstIndex(of: 0) }
    guard let found else { throw format.failure(at: start, "\(what): a name has no end") }
    let text = try text(found - start)
    try skip(1)
    return text
  }

  /// Compares everything from `start` up to here with the checksum that comes next.
  mutating func checksum(from start: Int) throws {
    let computed = format.file.withBytes { HDF5Checksum.lookup3($0[start..<position]) }
    let place = position
    guard try number(4) == UInt64(computed) else {
      throw format.failure(.checksumMismatch, at: place, "\(what) does not have the checksum written with it")
    }
  }
}
