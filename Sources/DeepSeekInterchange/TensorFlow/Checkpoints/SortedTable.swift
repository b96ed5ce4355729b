import DeepSeekCheckpoints
import DeepSeekRecords

/// The table of keys and values that TensorFlow's checkpoints are made of: LevelDB's format, blocks of sorted entries whose
/// keys share their beginnings, each with a checksum (https://github.com/google/leveldb, doc/table_format.md).
struct SortedTable: Sendable {
  private let file: MappedFile
  /// Where each value stands, in the order of the keys.
  let entries: [Entry]

  struct Entry: Sendable {
    let key: [UInt8]
    let value: Range<Int>
  }

  /// Keys share their beginnings, so that all together are longer than the file; by more than this factor, beside a little,
  /// no writer's are.
  private static let largestKeyRatio = 64
  private static let freeKeyByteCount = 1 << 20
  private static let footerByteCount = 48
  private static let magic: UInt64 = 0xDB47_7524_8B80_FB57
  /// Behind each block: how it is compressed, and the checksum.
  private static let trailerByteCount = 5

  /// Reads all keys. Throws `CheckpointError` when it is not such a table, or a checksum is not that of its block.
  init(_ file: MappedFile) throws {
    self.file = file
    entries = try file.withBytes { bytes in
      guard bytes.count >= SortedTable.footerByteCount else {
        throw SortedTable.failure(file, .truncated, 0, "it has \(bytes.count) bytes, too few for a table")
      }
      let footer = bytes.count - SortedTable.footerByteCount
      let magic = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
      guard magic == SortedTable.magic else {
        throw SortedTable.failure(file, .malformed, bytes.count - 8, "it does not end as a checkpoint's index does")
      }
      var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[footer..<bytes.count - 8]))
      _ = try SortedTable.handle(&reader, file, base: footer)
      let index = try SortedTable.block(SortedTable.handle(&reader, file, base: footer), bytes, file)
      var entries: [Entry] = []
      var keyBudget = SortedTable.freeKeyByteCount + bytes.count * SortedTable.largestKeyRatio
      var end = 0
      for entry in try SortedTable.entries(of: index, bytes, file, &keyBudget) {
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[entry.value]))
        let handle = try SortedTable.handle(&reader, file, base: entry.value.lowerBound)
        let block = try SortedTable.block(handle, bytes, file)
        // One after the other: a block that many entries name would be read as often.
        guard block.lowerBound >= end else {
          throw SortedTable.failure(file, .malformed, block.lowerBound, "two blocks overlap, or are out of order")
        }
        end = block.upperBound
        entries += try SortedTable.entries(of: block, bytes, file, &keyBudget)
      }
      return entries
    }
  }

  /// The file, as the caller named it.
  var path: String { file.path }

  /// Calls `body` with the bytes of a value.
  func withValue<Result>(_ entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[entry.value])) }
  }

  private static func failure(
    _ file: MappedFile, _ kind: CheckpointError.Kind, _ offset: Int, _ message: String
  ) -> CheckpointError {
    CheckpointError(
      kind, file: file.path, offset: offset, message,
      advice: "see that it is a TensorFlow checkpoint, and copied whole")
  }

  /// Where a block stands: two numbers.
  private static func handle(_ reader: inout WireReader, _ file: MappedFile, base: Int) throws -> (UInt64, UInt64) {
    let position = base + reader.position
    do {
      return (try reader.varint(), try reader.varint())
    } catch {
      throw failure(file, .malformed, position, "the place of a block: \(error)")
    }
  }

  /// A block's contents, its checksum compared.
  private static func block(
    _ handle: (UInt64, UInt64), _ bytes: UnsafeRawBufferPointer, _ file: MappedFile
  ) throws -> Range<Int> {
    let (offset, size) = handle
    guard offset <= bytes.count, size <= bytes.count, Int(offset) + Int(size) + trailerByteCount <= bytes.count else {
      throw failure(file, .truncated, Int(clamping: offset), "a block of \(size) bytes reaches beyond the file")
    }
    let range = Int(offset)..<Int(offset) + Int(size)
    let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: range.upperBound + 1, as: UInt32.self))
    let covered = UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<range.upperBound + 1])
    guard MaskedChecksum.of(covered) == checksum else {
      throw failure(file, .checksumMismatch, range.lowerBound, "a block does not have the checksum behind it")
    }
    guard bytes[range.upperBound] == 0 else {
      throw failure(file, .unsupported, range.upperBound, "a block is compressed by method \(bytes[range.upperBound])")
    }
    return range
  }

  private static func entries(
    of block: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ file: MappedFile, _ keyBudget: inout Int
  ) throws -> [Entry] {
    guard block.count >= 4 else {
      throw failure(file, .malformed, block.lowerBound, "a block has \(block.count) bytes")
    }
    let restarts = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: block.upperBound - 4, as: UInt32.self))
    guard Int(restarts) <= (block.count - 4) / 4 else {
      throw failure(file, .malformed, block.upperBound - 4, "a block has \(restarts) restarts in \(block.count) bytes")
    }
    let end = block.upperBound - 4 - 4 * Int(restarts)
    var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[block.lowerBound..<end]))
    var entries: [Entry] = []
    var key: [UInt8] = []
    do {
      while !reader.isAtEnd {
        let (shared, added, length) = (try reader.varint(), try reader.varint(), try reader.varint())
        let start = block.lowerBound + reader.position
        guard shared <= key.count, added <= reader.remaining, length <= reader.remaining,
          Int(added) + Int(length) <= reader.remaining
        else { throw failure(file, .malformed, start, "an entry reaches beyond its block") }
        keyBudget -= Int(shared) + Int(added)
        guard keyBudget >= 0 else {
          throw failure(file, .tooLarge, start, "its keys take more memory than a file of \(bytes.count) bytes needs")
        }
        key.removeSubrange(Int(shared)...)
        key.append(contentsOf: bytes[start..<start + Int(added)])
        let value = start + Int(added)..<start + Int(added) + Int(length)
        entries.append(Entry(key: key, value: value))
        try reader.skip(byteCount: Int(added) + Int(length))
      }
    } catch let error as WireReader.Failure {
      throw failure(file, .malformed, block.lowerBound + error.offset, "an entry: \(error.message)")
    }
    return entries
  }
}
