#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a process that was killed leaves behind: the temporary file or folder that it was writing.
///
/// ``AtomicFile`` and `FolderReplacement` hold a lock on what they write, which the system drops with the process. So a
/// temporary name without a lock belongs to nobody.
package enum AbandonedFiles {
  /// The temporary name for a file or folder that is to be called `name`. Names are cut so that one of the greatest length
  /// still leaves room for the suffix.
  static func temporaryName(for name: String) -> String {
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    return ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self)).\(suffix).tmp"
  }

  /// Whether a name is one that ``temporaryName(for:)`` gives.
  static func isTemporary(_ candidate: String, for name: String) -> Bool {
    let stem = ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self))."
    guard candidate.hasPrefix(stem), candidate.hasSuffix(".tmp") else { return false }
    let suffix = candidate.dropFirst(stem.count).dropLast(4)
    return !suffix.isEmpty && suffix.utf8.count <= 13
      && suffix.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
  }

  /// Marks what a descriptor refers to as being written by this process. File systems without locks leave it unmarked.
  static func claim(_ descriptor: Int32) { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

  /// Removes what processes that are gone left behind of earlier tries to write `path`.
  /// - Returns: The names removed.
  /// - Throws: ``CheckpointError`` when one cannot be removed.
  @discardableResult
  package static func remove(besides path: String) throws -> [String] {
    var target = path
    while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
    let (folder, name) = AtomicFile.split(target)
    guard Folder.exists(folder) else { return [] }
    var removed: [String] = []
    for candidate in try Folder.names(folder) where isTemporary(candidate, for: name) {
      let place = "\(folder)/\(candidate)"
      let descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      if Folder.exists(place) { try Folder.remove(place) } else { try Folder.removeFile(place) }
      removed.append(candidate)
    }
    return removed
  }
}
