import DeepSeekCheckpoints
import Foundation
import Synchronization

/// Brings one file into the cache.
struct FileDownload: Sendable {
  private let wanted: WantedFile
  private let repository: HubRepository
  private let cache: HubCache
  private let connection: HubConnection

  /// How much of a file whose size nobody says is taken, in bytes.
  private static let largestUnsized = 1 << 30
  /// How many more bytes make a try count as a step forward.
  private static let advance = 1 << 20

  init(_ wanted: WantedFile, _ repository: HubRepository, _ cache: HubCache, _ connection: HubConnection) {
    self.wanted = wanted
    self.repository = repository
    self.cache = cache
    self.connection = connection
  }

  /// Fetches the file unless it is there; returns its path.
  func run(_ meter: HubMeter) throws -> String {
    let path = cache.snapshot(wanted.commit) + "/" + wanted.name
    if !Folder.hasFile(path) {
      let blob = cache.blob(wanted.etag)
      try Folder.create(cache.folder + "/blobs")
      try cache.withLock(wanted.etag) {
        if !Folder.hasFile(blob) { try fetch(blob, meter) }
        try cache.link(wanted.name, wanted.commit, to: wanted.etag)
      }
    }
    meter.set(wanted.name, wanted.byteCount ?? 0, isFinished: true)
    return path
  }

  private func fetch(_ blob: String, _ meter: HubMeter) throws {
    let file = try IncompleteFile(blob: blob)
    // What an earlier try left may be damaged: then all is fetched once more.
    let isResumed = file.byteCount > 0
    try receive(file, meter)
    if try file.matches(wanted.etag) { return try file.finish(as: blob) }
    try file.restart()
    if isResumed {
      try receive(file, meter)
      if try file.matches(wanted.etag) { return try file.finish(as: blob) }
      try file.restart()
    }
    throw HubError(
      .checksumMismatch, "the contents received are not those that the hub announced (\(wanted.etag))",
      advice: "try again; a proxy or mirror in between may change files")
  }

  private func receive(_ file: IncompleteFile, _ meter: HubMeter) throws {
    let url = connection.url(repository.path, "resolve", wanted.commit, file: wanted.name)
    try connection.retrying { hasAdvanced in
      let start = file.byteCount
      defer { hasAdvanced = file.byteCount - start >= FileDownload.advance }
      if let byteCount = wanted.byteCount {
        if start == byteCount { return }
        if start > byteCount { return try restarting(file) }
      }
      let total = Mutex<Int?>(wanted.byteCount)
      let name = wanted.name
      let head = try connection.send(
        "GET", url, headers: file.byteCount > 0 ? ["Range": "bytes=\(file.byteCount)-"] : [:],
        timeout: connection.settings.downloadTimeout,
        wantsBody: { head in try begin(head, file, total) },
        receive: { data in
          let limit = total.withLock { $0 } ?? FileDownload.largestUnsized
          guard file.byteCount <= limit - data.count else {
            throw HubError(.invalidResponse, "the hub sends more than the \(limit) bytes that the file has at most")
          }
          try file.append(data)
          meter.set(name, file.byteCount)
        })
      if head.status == 416 { return try restarting(file) }
      try connection.check(head)
      if let total = total.withLock({ $0 }), file.byteCount < total {
        throw HTTPFailure(isTimeout: false, message: "the connection ended after \(file.byteCount) of \(total) bytes")
      }
    }
  }

  /// Begins anew in the next try.
  private func restarting(_ file: IncompleteFile) throws {
    try file.restart()
    throw HTTPFailure(isTimeout: false, message: "what an earlier try left does not fit")
  }

  /// Looks at the beginning of an answer: where in the file it begins, and how much there will be.
  private func begin(_ head: HTTPHead, _ file: IncompleteFile, _ total: borrowing Mutex<Int?>) throws -> Bool {
    var size = head.byteCount("content-length")
    if head.status == 206 {
      guard let range = head.contentRange, range.start == file.byteCount else {
        throw HubError(.invalidResponse, status: 206, "the hub sends another part of the file than was asked for")
      }
      size = range.total
    } else if file.byteCount > 0 {
      // The whole file, though the rest was asked for.
      try file.restart()
    }
    if head["content-encoding"].map({ $0.lowercased() != "identity" }) ?? false { size = nil }
    if let size, let wanted = wanted.byteCount, size != wanted {
      throw HubError(.invalidResponse, "the file should have \(wanted) bytes, and the hub is about to send \(size)")
    }
    total.withLock { if $0 == nil { $0 = size } }
    return true
  }
}
