#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears under its name whole or not at all.
///
/// ```swift
/// let file = try AtomicFile(replacing: "config.json")
/// try file.write(bytes)
/// try file.commit()
/// ```
///
/// The bytes go to a temporary name in the same folder, hidden and ending in `.tmp`. ``commit()`` synchronizes them with
/// the disk, renames the file over the old one and synchronizes the folder. Without ``commit()`` the temporary file is
/// removed when the object goes, and the old file stays as it was. Not for use from several threads at a time.
public final class AtomicFile {
  /// The file to be, as the caller named it.
  public let path: String
  /// How many bytes have been written.
  public private(set) var byteCount = 0
  /// The SHA-256 of what has been written so far, when it was asked for.
  private(set) var digest: Digest?
  private let target: String
  private let temporary: String
  private let synchronizes: Bool
  private var descriptor: Int32
  /// Bytes that the disk has been asked to begin with.
  private var begunByteCount = 0

  /// Bytes after which the disk is asked to begin, 32 MiB.
  private static let writebackByteCount = 32 << 20

  /// Begins a file that will replace `path`. A symbolic link is followed: the file that it names is replaced, in the
  /// folder where that stands. Permissions are those of the file replaced, or what the process's mask gives a new one.
  ///
  /// - Parameter synchronizes: Whether ``commit()`` waits until the disk has everything, which is what makes the file
  ///   survive a loss of power. Without, it survives a crash of the process.
  /// - Throws: ``CheckpointError`` when the folder cannot be written or `path` is something other than a regular file.
  public init(replacing path: String, synchronizes: Bool = true) throws {
    try SystemCall.checkPath(path, kind: .unwritable)
    self.path = path
    self.synchronizes = synchronizes
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      throw CheckpointError(
        .unwritable, file: path, "it exists and is not a regular file", advice: "choose another path")
    }
    target = try exists ? AtomicFile.resolved(path) : path
    let (folder, name) = AtomicFile.split(target)
    var opened: Int32 = -1
    var candidate = ""
    repeat {
      candidate = "\(folder)/\(AbandonedFiles.temporaryName(for: name))"
      opened = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    } while opened < 0 && (errno == EEXIST || errno == EINTR)
    guard opened >= 0 else {
      throw SystemCall.failure(.unwritable, "create a file in \(folder)", file: path, code: errno)
    }
    temporary = candidate
    descriptor = opened
    AbandonedFiles.claim(opened)
    if exists { fchmod(opened, status.st_mode & 0o777) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporary)
    }
  }

  /// From here on, keeps the SHA-256 of what is written by ``write(_:)-(UnsafeRawBufferPointer)``.
  func startDigest() { digest = Digest() }

  /// Appends bytes. Throws ``CheckpointError`` when the disk is full or fails.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    precondition(descriptor >= 0, "AtomicFile: written after commit")
    digest?.update(bytes)
    try AppendedFile.write(bytes, to: descriptor, file: path)
    byteCount += bytes.count
    beginWriteback()
  }

  /// Lets the disk work while more is written, so that ``commit()`` waits for less: of 1 GB about a seventh of the whole time.
  private func beginWriteback() {
    #if os(Linux)
      guard synchronizes, byteCount - begunByteCount >= AtomicFile.writebackByteCount else { return }
      // The advice that pages are not needed begins their writing; only those that are on the disk already are dropped.
      posix_fadvise(descriptor, off_t(begunByteCount), off_t(byteCount - begunByteCount), POSIX_FADV_DONTNEED)
      begunByteCount = byteCount
    #endif
  }

  /// Appends bytes. Throws ``CheckpointError`` when the disk is full or fails.
  public func write(_ bytes: some Collection<UInt8>) throws {
    let written: Void? = try bytes.withContiguousStorageIfAvailable { try write(UnsafeRawBufferPointer($0)) }
    if written == nil { try Array(bytes).withUnsafeBytes { try write($0) } }
  }

  /// Writes over bytes that were written before; for lengths that are known only afterwards.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws {
    precondition(digest == nil && offset + bytes.count <= byteCount, "AtomicFile: overwrite outside what was written")
    var done = 0
    while done < bytes.count {
      done += try SystemCall.retrying(.unwritable, "write to it", file: path) {
        bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done)) }
      }
    }
  }

  /// Makes the file appear under its name. Throws ``CheckpointError``, and then nothing has changed.
  public func commit() throws {
    try finish()
    try publish()
  }

  /// The first half of ``commit()``: the bytes are on the disk, under the temporary name.
  func finish() throws {
    if synchronizes {
      try SystemCall.retrying(.unwritable, "write it to the disk", file: path) { Int(fsync(descriptor)) }
    }
  }

  /// The second half of ``commit()``: the name changes over.
  func publish() throws {
    try SystemCall.retrying(.unwritable, "rename it into place", file: path) { Int(rename(temporary, target)) }
    close(descriptor)
    descriptor = -1
    if synchronizes { Folder.synchronize(AtomicFile.split(target).folder) }
  }

  /// Writes a whole file atomically.
  public static func write(_ bytes: some Collection<UInt8>, to path: String, synchronizes: Bool = true) throws {
    let file = try AtomicFile(replacing: path, synchronizes: synchronizes)
    try file.write(bytes)
    try file.commit()
  }

  private static func resolved(_ path: String) throws -> String {
    guard let real = Folder.realPath(path) else {
      throw SystemCall.failure(.unwritable, "resolve its path", file: path, code: errno)
    }
    return real
  }

  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }
}
