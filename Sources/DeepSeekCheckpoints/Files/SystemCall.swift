#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thin layer between the system's calls and errors that name a file.
package enum SystemCall {
  /// The system's words for `code`, with the code itself.
  package static func text(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return buffer.withUnsafeBufferPointer { "\(String(cString: $0.baseAddress!)), error \(code)" }
  }

  /// Repeats a call that a signal interrupted; returns its result, or throws `errno`'s words about `file`.
  @discardableResult
  package static func retrying(
    _ kind: CheckpointError.Kind, _ action: String, file: String, _ call: () -> Int
  ) throws -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code == EINTR { continue }
      throw failure(kind, action, file: file, code: code)
    }
  }

  /// The error for a call that failed with `code`.
  package static func failure(
    _ kind: CheckpointError.Kind, _ action: String, file: String, code: Int32
  ) -> CheckpointError {
    let isMissing = code == ENOENT && kind == .unreadable
    let advice: String =
      switch code {
      case ENOENT: "check the path"
      case EACCES, EPERM: "check the permissions of the file and its folder"
      case ENOSPC, EDQUOT: "make room on the disk"
      case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
      default: ""
      }
    return CheckpointError(
      isMissing ? .missingFile : kind, file: file, "the system could not \(action): \(text(code))", advice: advice)
  }

  /// A path given to the system must not contain a zero byte: C would silently take what precedes it.
  package static func checkPath(_ path: String, kind: CheckpointError.Kind) throws {
    if path.isEmpty || path.utf8.contains(0) {
      throw CheckpointError(kind, file: path, "the path is empty or contains a zero byte", advice: "check the path")
    }
  }
}

/// Memory that may be taken on the word of a file.
enum MemoryBudget {
  /// Half of the machine's physical memory, in bytes: more than that, asked for by a file, is taken for an error.
  static let largestBlock: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let pageSize = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && pageSize > 0 ? pages * pageSize / 2 : 4 << 30
  }()

  /// Throws when a block of `byteCount` bytes would exceed `limit`.
  static func check(_ byteCount: Int, limit: Int = largestBlock, file: String, item: String?) throws {
    if byteCount > limit {
      throw CheckpointError(
        .tooLarge, file: file, item: item, "\(byteCount) bytes would have to be held in memory; the limit is \(limit)",
        advice: "use a machine with more memory, or a file that needs no copy")
    }
  }
}
