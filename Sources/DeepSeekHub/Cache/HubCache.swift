import DeepSeekCheckpoints
import Foundation

/// A repository's files on the disk, in the layout of Hugging Face's own tools.
///
/// `blobs` has the contents, each under its ETag; `refs` says which commit a branch or tag stood at; `snapshots` has a folder
/// for each commit with links to blobs; `trees` lists what a commit has. Whatever these tools fetched is found, and the
/// reverse.
struct HubCache: Sendable {
  let repository: HubRepository
  private let root: String

  init(_ repository: HubRepository, in cacheFolder: String) {
    self.repository = repository
    root = cacheFolder
  }

  var folder: String { root + "/" + repository.folderName }

  func snapshot(_ commit: String) -> String { folder + "/snapshots/" + commit }

  func blob(_ etag: String) -> String { folder + "/blobs/" + etag }

  /// The commit that the revision stands for, as far as is known without asking.
  var knownCommit: String? {
    if PathParts.isCommit(repository.revision) { return repository.revision }
    guard let data = FileManager.default.contents(atPath: folder + "/refs/" + repository.revision) else { return nil }
    let commit = String(decoding: data.prefix(64), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return PathParts.isCommit(commit) ? commit : nil
  }

  /// The file's path, when it is there.
  func file(_ name: String, _ commit: String) -> String? {
    let path = snapshot(commit) + "/" + name
    return Folder.hasFile(path) ? path : nil
  }

  /// Remembers the commit that the revision stands for.
  func remember(_ commit: String) throws {
    guard repository.revision != commit, knownCommit != commit else { return }
    let path = folder + "/refs/" + repository.revision
    try Folder.create(String(path[..<path.lastIndex(of: "/")!]))
    try AtomicFile.write(Array(commit.utf8), to: path, synchronizes: false)
  }

  /// Makes the file's name in a commit's snapshot lead to a blob. Links are relative, so that the folder can be moved.
  func link(_ name: String, _ commit: String, to etag: String) throws {
    let path = snapshot(commit) + "/" + name
    if Folder.hasFile(path) { return }
    try Folder.create(String(path[..<path.lastIndex(of: "/")!]))
    let depth = name.split(separator: "/").count + 1
    let target = String(repeating: "../", count: depth) + "blobs/" + etag
    // Another process may make the same link at the same time: a rename takes its place or is taken over.
    let temporary = "\(path).\(UUID().uuidString.prefix(8)).link"
    try SystemCall.retrying(.unwritable, "make a link to it", file: path) { Int(symlink(target, temporary)) }
    if rename(temporary, path) != 0 {
      let code = errno
      unlink(temporary)
      throw SystemCall.failure(.unwritable, "rename a link into place", file: path, code: code)
    }
  }

  /// Runs `body` while no other process or thread that keeps to the lock fetches the same blob.
  func withLock<Result>(_ etag: String, _ body: () throws -> Result) throws -> Result {
    let locks = root + "/.locks/" + repository.folderName
    try Folder.create(locks)
    let path = locks + "/" + etag + ".lock"
    let descriptor = Int32(
      try SystemCall.retrying(.unwritable, "create a lock", file: path) {
        Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664))
      })
    // Closing gives the lock back, as the end of the process does.
    defer { close(descriptor) }
    // File systems without locks go without: contents are checked before they get their name.
    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
    return try body()
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
