import DeepSeekCheckpoints
import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A mapped file of data, with errors of this module.
struct DataFile: Sendable {
  let path: String
  let bytes: Bytes

  init(path: String) throws(DataError) {
    self.path = path
    do {
      let file = try MappedFile(path: path)
      bytes = file.byteCount == 0 ? .empty : Bytes(storage: file.storage(0..<file.byteCount))
    } catch let error as CheckpointError {
      throw DataError(error)
    } catch {
      throw DataError(.unreadable, file: path, "\(error)")
    }
  }

  /// Bytes that are in memory already; `name` stands for a path in errors.
  init(copying contents: [UInt8], named name: String) {
    path = name
    bytes = Bytes(copying: contents)
  }

  var count: Int { bytes.count }
}

extension DataError {
  /// What reading a file's bytes went wrong with.
  init(_ error: CheckpointError) {
    let kind: Kind = Kind(rawValue: error.kind.rawValue) ?? .unreadable
    self.init(kind, file: error.file, item: error.item, offset: error.offset, error.message, advice: error.advice)
  }
}

/// Read-only bytes and the storage that keeps them alive.
struct Bytes: Sendable {
  let storage: Storage
  let offset: Int
  let count: Int

  init(storage: Storage) {
    self.init(storage: storage, offset: 0, count: storage.byteCount)
  }

  /// The range must lie in the storage; traps otherwise.
  init(storage: Storage, offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0 && count <= storage.byteCount - offset, "Bytes: outside the storage")
    self.storage = storage
    self.offset = offset
    self.count = count
  }

  init(copying contents: some Collection<UInt8>) {
    let storage = Storage(byteCount: contents.count)
    UnsafeMutableRawBufferPointer(start: storage.pointer, count: contents.count).copyBytes(from: contents)
    self.init(storage: storage, offset: 0, count: contents.count)
  }

  static let empty = Bytes(storage: Storage(byteCount: 0), offset: 0, count: 0)

  /// Valid while `storage` lives.
  var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.pointer) + offset }

  /// Valid while `storage` lives.
  var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

  /// A part of the bytes; the range must lie within. Traps otherwise.
  func slice(_ range: Range<Int>) -> Bytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "Bytes: slice outside the bytes")
    return Bytes(storage: storage, offset: offset + range.lowerBound, count: range.count)
  }
}

/// Memory that may be taken on the word of a file.
enum DataLimit {
  /// A quarter of the machine's physical memory, in bytes: one block asked for by a file that exceeds it is taken for an
  /// error.
  static let largestBlock: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let pageSize = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && pageSize > 0 ? pages * pageSize / 4 : 2 << 30
  }()

  /// How deep types and values may nest.
  static let depth = 64

  static func check(_ byteCount: Int, file: String, item: String?) throws(DataError) {
    if byteCount > largestBlock || byteCount < 0 {
      throw DataError(
        .tooLarge, file: file, item: item,
        "\(byteCount) bytes would have to be held in memory at once; the limit is \(largestBlock)",
        advice: "read it row by row, choose fewer columns, or write the file with smaller pages")
    }
  }
}
