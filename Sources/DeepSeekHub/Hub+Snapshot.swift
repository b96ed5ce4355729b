import DeepSeekCheckpoints
import Foundation

/// A revision's files on this machine.
public struct HubSnapshot: Sendable, Hashable {
  /// The folder in which the files have the names that they have in the repository.
  public let folder: String
  /// The commit.
  public let commit: String
  /// The names of the files wanted, sorted.
  public let files: [String]
}

extension Hub {
  /// The folder with a revision's files, those fetched that are not there.
  ///
  /// - Parameters:
  ///   - repository: Where they are.
  ///   - allow: Patterns of file names, `*` standing for any characters, `?` for one, `[…]` for some; a file that fits one is
  ///     wanted. All are when there is none. A pattern that ends in a slash stands for all files below.
  ///   - ignore: Patterns of those that are not wanted after all.
  ///   - parallelism: How many files are fetched at a time.
  ///   - progress: Told as bytes come, on any thread.
  /// - Throws: ``HubError``; files that were whole by then stay.
  public func snapshotDownload(
    _ repository: HubRepository, allow: [String] = [], ignore: [String] = [], parallelism: Int = 8,
    progress: @escaping @Sendable (HubProgress) -> Void = { _ in }
  ) throws(HubError) -> HubSnapshot {
    try hubErrors(repository) {
      let cache = HubCache(repository, in: settings.cacheFolder)
      let patterns = FileSelection(allow: allow, ignore: ignore)
      if settings.isOffline { return try present(cache, patterns) }
      let fallback = try? present(cache, patterns)
      let (commit, tree): (String, HubTree)
      do {
        commit = try (fallback == nil ? connection : connection.once).commit(of: repository)
        if let kept = HubTree.kept(in: cache, commit) {
          tree = kept
        } else {
          tree = try connection.tree(of: repository, commit)
          try tree.keep(in: cache, commit)
        }
      } catch let error as HubError where error.isPassing {
        guard let fallback else { throw error }
        return fallback
      }
      try cache.remember(commit)
      let entries = tree.entries.filter { patterns.has($0.path) }.sorted { $0.path < $1.path }
      let wanted = entries.map {
        WantedFile(name: $0.path, commit: commit, etag: $0.etag, byteCount: $0.byteCount)
      }
      let meter = HubMeter(wanted, progress)
      try Workers.run(wanted.count, atOnce: parallelism) { index in
        let file = wanted[index]
        do {
          _ = try FileDownload(file, repository, cache, connection).run(meter)
        } catch let error as HubError {
          throw error.about(repository, file: file.name)
        }
      }
      try Folder.create(cache.snapshot(commit))
      return HubSnapshot(folder: cache.snapshot(commit), commit: commit, files: wanted.map(\.name))
    }
  }

  /// What was fetched before of a revision, if that is all of it as far as is known; asks nobody. Files that other tools
  /// fetched count too; when nobody kept a list of the revision's files, those that are there are taken for all.
  public func cachedSnapshot(
    _ repository: HubRepository, allow: [String] = [], ignore: [String] = []
  ) -> HubSnapshot? {
    try? present(HubCache(repository, in: settings.cacheFolder), FileSelection(allow: allow, ignore: ignore))
  }

  /// What was fetched before of a revision, all of it as far as is known.
  private func present(_ cache: HubCache, _ patterns: FileSelection) throws(HubError) -> HubSnapshot {
    guard let commit = cache.knownCommit, Folder.exists(cache.snapshot(commit)) else { throw notFetched() }
    let folder = cache.snapshot(commit)
    let names = HubTree.kept(in: cache, commit)?.entries.map(\.path) ?? Hub.files(below: folder)
    let wanted = names.filter { patterns.has($0) }.sorted()
    if let absent = wanted.first(where: { cache.file($0, commit) == nil }) { throw notFetched(absent) }
    return HubSnapshot(folder: folder, commit: commit, files: wanted)
  }

  /// The files in a folder and those below, by their names from there.
  private static func files(below folder: String) -> [String] {
    ((try? Folder.names(folder)) ?? []).flatMap { name in
      Folder.exists(folder + "/" + name) ? files(below: folder + "/" + name).map { name + "/" + $0 } : [name]
    }
  }
}
