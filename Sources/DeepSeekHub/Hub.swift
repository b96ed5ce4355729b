import DeepSeekCheckpoints
import DeepSeekJSON
import Foundation
import Synchronization

/// A hub of models and data sets, such as Hugging Face's, and the files of it that are on this machine.
///
/// ```swift
/// let hub = try Hub()
/// let path = try hub.download("config.json", from: HubRepository("bert-base-uncased"))
/// let glue = try hub.snapshotDownload(HubRepository("nyu-mll/glue", type: .dataset), allow: ["mrpc/*"])
/// ```
///
/// Files are kept as Hugging Face's own tools keep them, so what either fetched the other finds. A download that broke off
/// goes on where it stopped; contents are checked by size and digest before they get their name; several processes may fetch
/// at once. Calls wait until all is done, and may be made on any thread.
public struct Hub: Sendable {
  /// Where the hub is, who asks, and where files are kept.
  public let settings: HubSettings
  let connection: HubConnection

  /// A hub with these settings.
  public init(_ settings: HubSettings) {
    self.settings = settings
    connection = HubConnection(settings)
  }

  /// The hub that the environment names. Throws ``HubError`` that names a variable which makes no sense.
  public init() throws(HubError) { self.init(try HubSettings()) }

  /// The path of a file, fetched when it is not there or the revision has moved on.
  ///
  /// When the hub cannot be reached, what was fetched before of the revision does.
  ///
  /// - Parameters:
  ///   - file: The file's name in the repository, such as `mrpc/train-00000-of-00001.parquet`.
  ///   - repository: Where it is.
  ///   - progress: Told as bytes come, on any thread.
  /// - Throws: ``HubError``.
  public func download(
    _ file: String, from repository: HubRepository, progress: @escaping @Sendable (HubProgress) -> Void = { _ in }
  ) throws(HubError) -> String {
    try hubErrors(repository, file) {
      guard PathParts.isSafe(file) else { throw HubError(.invalidName, "this is no file's name in a repository") }
      let cache = HubCache(repository, in: settings.cacheFolder)
      if PathParts.isCommit(repository.revision), let path = cache.file(file, repository.revision) { return path }
      let present = cached(file, in: repository)
      if settings.isOffline {
        guard let present else { throw notFetched() }
        return present
      }
      let wanted: WantedFile
      do {
        wanted = try (present == nil ? connection : connection.once).metadata(file, of: repository)
      } catch let error as HubError where error.isPassing {
        guard let present else { throw error }
        return present
      }
      try cache.remember(wanted.commit)
      let meter = HubMeter([wanted], progress)
      return try FileDownload(wanted, repository, cache, connection).run(meter)
    }
  }

  /// The path of a file that was fetched before; `nil` when it was not. Asks nobody.
  public func cached(_ file: String, in repository: HubRepository) -> String? {
    guard PathParts.isSafe(file) else { return nil }
    let cache = HubCache(repository, in: settings.cacheFolder)
    return cache.knownCommit.flatMap { cache.file(file, $0) }
  }

  /// The error for what is not there and may not be fetched.
  func notFetched(_ file: String? = nil) -> HubError {
    HubError(
      .offline, file: file, "it was not fetched before, and the network may not be used",
      advice: "unset HF_HUB_OFFLINE, or fetch it on a machine with a network and copy \(settings.cacheFolder)")
  }

  /// Runs `body`; whatever it throws becomes an error about the repository.
  func hubErrors<Result>(
    _ repository: HubRepository, _ file: String? = nil, _ body: () throws -> Result
  ) throws(HubError) -> Result {
    do {
      return try body()
    } catch let error as HubError {
      throw error.about(repository, file: file)
    } catch let error as CheckpointError {
      throw HubError(.cache, repository: repository.id, file: file, error.description)
    } catch {
      throw HubError(.invalidResponse, repository: repository.id, file: file, "\(error)")
    }
  }
}

extension HubError {
  /// Whether it says nothing about what was asked for: what was fetched before is as good as ever.
  var isPassing: Bool { [.unreachable, .timedOut, .serverFailure].contains(kind) }
}

/// A file to be fetched.
struct WantedFile: Sendable {
  let name: String
  let commit: String
  let etag: String
  /// How many bytes it has, where the hub said.
  let byteCount: Int?
}

/// Adds up how far several downloads are.
final class HubMeter: Sendable {
  private let state: Mutex<(progress: HubProgress, received: [String: Int])>
  private let report: @Sendable (HubProgress) -> Void

  init(_ files: [WantedFile], _ report: @escaping @Sendable (HubProgress) -> Void) {
    self.report = report
    let progress = HubProgress(
      file: "", receivedByteCount: 0, totalByteCount: files.reduce(0) { $0 &+ ($1.byteCount ?? 0) },
      finishedFileCount: 0, fileCount: files.count)
    state = Mutex((progress, [:]))
  }

  /// A file has so many bytes now.
  func set(_ file: String, _ byteCount: Int, isFinished: Bool = false) {
    let progress = state.withLock { state in
      state.progress.receivedByteCount += byteCount - (state.received[file] ?? 0)
      state.received[file] = byteCount
      state.progress.file = file
      if isFinished { state.progress.finishedFileCount += 1 }
      return state.progress
    }
    report(progress)
  }
}
