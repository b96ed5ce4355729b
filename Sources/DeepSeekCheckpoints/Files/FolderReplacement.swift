#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder that appears under its name whole or not at all; removed again unless committed.
final class FolderReplacement {
  /// Where the new folder's files go.
  let temporary: String
  private let path: String
  private var isPending = true
  /// Holds the lock that says that the folder is being written.
  private var descriptor: Int32 = -1

  /// Begins a folder that will replace `path`. `mayReplace` says whether what stands there may be lost.
  init(of path: String, mayReplace: (String) throws -> Bool) throws {
    try SystemCall.checkPath(path, kind: .unwritable)
    var target = path
    while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
    self.path = target
    let (above, name) = AtomicFile.split(target)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw CheckpointError(.unwritable, file: path, "it has no name that could be replaced", advice: "name a folder")
    }
    if Folder.exists(target) {
      guard try mayReplace(target) else {
        throw CheckpointError(
          .unwritable, file: path, "it is a folder with other contents, which would be lost",
          advice: "choose another path, or empty the folder")
      }
    } else if Folder.hasFile(target) {
      throw CheckpointError(.unwritable, file: path, "it is a file", advice: "choose another path")
    }
    try Folder.create(above)
    temporary = "\(above)/\(AbandonedFiles.temporaryName(for: name))"
    guard mkdir(temporary, 0o777) == 0 else {
      let code = errno
      isPending = false
      throw SystemCall.failure(.unwritable, "create a folder in \(above)", file: path, code: code)
    }
    descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 { AbandonedFiles.claim(descriptor) }
  }

  deinit {
    // Nothing can be reported from here; what stays behind is hidden and says by its name that it is temporary.
    if isPending { try? Folder.remove(temporary) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Gives the new folder its name. The old one, if there is one, is exchanged for it in one step where the system can do
  /// that, and removed afterwards.
  func commit() throws {
    Folder.synchronize(temporary)
    if Folder.exists(path) {
      if !exchange() { try moveAside() }
    } else if rename(temporary, path) != 0 {
      throw SystemCall.failure(.unwritable, "rename the folder into place", file: path, code: errno)
    } else {
      isPending = false
    }
    Folder.synchronize(path + "/..")
    if isPending {
      // After the exchange, the old folder has the temporary name.
      try Folder.remove(temporary)
      isPending = false
    }
  }

  private func exchange() -> Bool {
    #if canImport(Darwin)
      return renamex_np(temporary, path, UInt32(RENAME_SWAP)) == 0
    #else
      // glibc declares it for GNU's own sources only, which Swift's import is not; old and other C libraries lack it.
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      typealias Rename = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
      let exchangeFlag: UInt32 = 2
      let renameat2 = unsafeBitCast(symbol, to: Rename.self)
      return renameat2(AT_FDCWD, temporary, AT_FDCWD, path, exchangeFlag) == 0
    #endif
  }

  /// For file systems that cannot exchange two names: there is a moment in which the folder is missing.
  private func moveAside() throws {
    let old = temporary + ".old"
    guard rename(path, old) == 0 else {
      throw SystemCall.failure(.unwritable, "move the old folder aside", file: path, code: errno)
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      rename(old, path)
      throw SystemCall.failure(.unwritable, "rename the folder into place", file: path, code: code)
    }
    isPending = false
    try Folder.remove(old)
  }
}
