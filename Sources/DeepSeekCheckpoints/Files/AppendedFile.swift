#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A new file that grows at its end and can be read by others meanwhile: a log. What is to appear whole or not at all is
/// written through ``AtomicFile``.
///
/// Not for use from several threads at a time.
public final class AppendedFile {
  /// The file, as the caller named it.
  public let path: String
  private let descriptor: Int32

  /// Creates the file. Throws ``CheckpointError`` when there is one already or the folder cannot be written.
  public convenience init(creating path: String) throws { try self.init(path, O_EXCL) }

  /// Opens the file to go on at its end, and creates it when there is none. Throws ``CheckpointError`` when it cannot be
  /// written.
  public convenience init(continuing path: String) throws { try self.init(path, 0) }

  private init(_ path: String, _ flags: Int32) throws {
    try SystemCall.checkPath(path, kind: .unwritable)
    self.path = path
    descriptor = Int32(
      try SystemCall.retrying(.unwritable, "create it", file: path) {
        Int(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0o666))
      })
  }

  deinit { close(descriptor) }

  /// Appends bytes, which others can read from then on. Throws ``CheckpointError`` when the disk is full or fails.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try AppendedFile.write(bytes, to: descriptor, file: path)
  }

  /// Waits until the disk has everything. Throws ``CheckpointError`` when it fails.
  public func synchronize() throws {
    try SystemCall.retrying(.unwritable, "write it to the disk", file: path) { Int(fsync(descriptor)) }
  }

  /// Writes all bytes, in as many calls as the system needs.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, file: String) throws {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      // Linux moves at most 2 GiB a call.
      let count = min(bytes.count - done, 1 << 30)
      done += try SystemCall.retrying(.unwritable, "write to it", file: file) {
        systemWrite(descriptor, base + done, count)
      }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, base, count)
}
