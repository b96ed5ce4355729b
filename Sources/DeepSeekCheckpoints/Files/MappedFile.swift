public import DeepSeekTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How a file's bytes come into memory.
public enum FileAccess: Sendable, Hashable {
  /// Mapped: nothing is read until it is touched, and clean pages cost no memory that the system cannot take back.
  ///
  /// A file that another process shortens while it is mapped ends this process with a bus error. Programs that replace
  /// files by renaming, as ``AtomicFile`` does, are safe.
  case mapped
  /// Read at once into memory: for files that others may shorten or overwrite in place, and for some network disks.
  case read
}

/// The bytes of a file, read only, for as long as this object or a tensor over it lives.
public final class MappedFile: Sendable {
  /// The file, as the caller named it.
  public let path: String
  /// How many bytes it has.
  public let byteCount: Int
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer?
  private let isMapped: Bool
  /// The file that this one is a part of.
  private let whole: MappedFile?

  /// Opens a regular file.
  ///
  /// Cost when mapped: a few system calls, whatever the length.
  /// - Throws: ``CheckpointError`` when there is no such file, it is not a regular file, or the system refuses.
  public init(path: String, access: FileAccess = .mapped) throws {
    try SystemCall.checkPath(path, kind: .unreadable)
    self.path = path
    let descriptor = Int32(
      try SystemCall.retrying(.unreadable, "open it", file: path) { Int(open(path, O_RDONLY | O_CLOEXEC)) })
    defer { close(descriptor) }
    var status = stat()
    try SystemCall.retrying(.unreadable, "examine it", file: path) { Int(fstat(descriptor, &status)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(.unreadable, file: path, "it is not a regular file", advice: "name a file, not a folder")
    }
    byteCount = Int(status.st_size)
    isMapped = access == .mapped
    whole = nil
    if byteCount == 0 {
      base = nil
    } else if access == .mapped {
      let address = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address, address != MAP_FAILED else {
        throw SystemCall.failure(.unreadable, "map it into memory", file: path, code: errno)
      }
      base = address
      MappedPages.add(address, byteCount)
    } else {
      base = try MappedFile.read(descriptor, byteCount, path)
    }
  }

  /// The bytes of a file that is in memory already; `name` stands for its path in errors.
  public init(copying bytes: some Collection<UInt8>, named name: String) {
    path = name
    byteCount = bytes.count
    isMapped = false
    whole = nil
    if byteCount == 0 {
      base = nil
    } else {
      let block = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: MappedFile.alignment)
      block.copyBytes(from: bytes)
      base = block.baseAddress
    }
  }

  /// A file whose bytes come from elsewhere: a member of an archive. `name` stands for its path in errors.
  /// - Throws: what `fill` throws, and ``CheckpointError`` when the bytes are more than memory may hold.
  init(named name: String, byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    try MemoryBudget.check(byteCount, file: name, item: nil)
    path = name
    self.byteCount = byteCount
    isMapped = false
    whole = nil
    guard byteCount > 0 else {
      base = nil
      return
    }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: MappedFile.alignment)
    do {
      try fill(block)
    } catch {
      block.deallocate()
      throw error
    }
    base = block.baseAddress
  }

  /// A part of a file as a file of its own, which keeps the whole open: a stored member of an archive. The range must lie in
  /// the file; traps otherwise.
  init(part range: Range<Int>, of file: MappedFile) {
    let bytes = UnsafeRawBufferPointer(rebasing: file.buffer[range])
    path = file.path
    byteCount = bytes.count
    base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    isMapped = file.isMapped
    whole = file
  }

  deinit {
    guard let base, whole == nil else { return }
    if isMapped {
      MappedPages.remove(base)
      munmap(base, byteCount)
    } else {
      base.deallocate()
    }
  }

  /// Calls `body` with all bytes.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(start: base, count: byteCount)) }
  }

  /// A storage over some of the bytes, which keeps the file open as long as a tensor needs it. The range must lie in the
  /// file; traps otherwise.
  public func storage(_ range: Range<Int>) -> Storage {
    Storage(borrowing: UnsafeRawBufferPointer(rebasing: buffer[range])) { withExtendedLifetime(self) {} }
  }

  /// Tells the system that these bytes will be needed soon, so that it reads ahead; does nothing where it cannot.
  public func prefetch(_ range: Range<Int>) {
    guard isMapped, let base, !range.isEmpty, range.lowerBound >= 0, range.upperBound <= byteCount else { return }
    if let whole, let start = whole.base {
      let offset = base - start
      return whole.prefetch(range.lowerBound + offset..<range.upperBound + offset)
    }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / page * page
    madvise(base + start, range.upperBound - start, Int32(MADV_WILLNEED))
  }

  /// Wide enough for every element type and for vector loads.
  private static let alignment = 64

  /// All bytes; valid while this object lives.
  var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: byteCount) }

  private static func read(_ descriptor: Int32, _ count: Int, _ path: String) throws -> UnsafeMutableRawPointer {
    try MemoryBudget.check(count, file: path, item: nil)
    let block = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: alignment)
    var done = 0
    do {
      while done < count {
        let got = try SystemCall.retrying(.unreadable, "read it", file: path) {
          #if canImport(Glibc)
            Glibc.read(descriptor, block + done, count - done)
          #elseif canImport(Musl)
            Musl.read(descriptor, block + done, count - done)
          #else
            Darwin.read(descriptor, block + done, count - done)
          #endif
        }
        if got == 0 {
          throw CheckpointError(
            .truncated, file: path, offset: done, "it was shortened while it was read", advice: "read it again")
        }
        done += got
      }
    } catch {
      block.deallocate()
      throw error
    }
    return block
  }
}
