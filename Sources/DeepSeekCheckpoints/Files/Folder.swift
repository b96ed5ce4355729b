#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is needed of folders.
package enum Folder {
  /// Whether `path` is a folder.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether `path` is a regular file, or a link to one.
  package static func hasFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The path without links and detours; `nil` when there is nothing.
  package static func realPath(_ path: String) -> String? {
    guard !path.utf8.contains(0), let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// The names in a folder, sorted, without `.` and `..`.
  package static func names(_ path: String) throws -> [String] {
    try SystemCall.checkPath(path, kind: .unreadable)
    guard let stream = opendir(path) else {
      throw SystemCall.failure(.unreadable, "list it", file: path, code: errno)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a folder and those above it that are missing.
  package static func create(_ path: String) throws {
    try SystemCall.checkPath(path, kind: .unwritable)
    if exists(path) { return }
    if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex {
      try create(String(path[..<slash]))
    }
    if path.hasSuffix("/") { return }
    if mkdir(path, 0o777) != 0 && !(errno == EEXIST && exists(path)) {
      throw SystemCall.failure(.unwritable, "create the folder", file: path, code: errno)
    }
  }

  /// Asks the disk to remember the names in a folder. Not every file system can, and what was renamed stays renamed
  /// either way, so a refusal is no failure.
  static func synchronize(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 {
      fsync(descriptor)
      close(descriptor)
    }
  }

  /// Removes a file, which may be gone already.
  package static func removeFile(_ path: String) throws {
    if unlink(path) != 0 && errno != ENOENT {
      throw SystemCall.failure(.unwritable, "remove it", file: path, code: errno)
    }
  }

  /// Removes a folder and everything in it; links are removed, not followed.
  package static func remove(_ path: String) throws {
    for name in try names(path) {
      let child = path + "/" + name
      var status = stat()
      guard lstat(child, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try remove(child)
      } else {
        try removeFile(child)
      }
    }
    if rmdir(path) != 0 && errno != ENOENT {
      throw SystemCall.failure(.unwritable, "remove it", file: path, code: errno)
    }
  }
}
