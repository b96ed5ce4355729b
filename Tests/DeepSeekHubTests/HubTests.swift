import DeepSeekCheckpoints
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DeepSeekHub

/// Bytes that are the same everywhere.
func bytes(_ count: Int, _ seed: UInt64 = 1) -> [UInt8] {
  var generator = SplitMix(seed)
  var result: [UInt8] = []
  while result.count < count { withUnsafeBytes(of: generator.next()) { result += $0 } }
  return Array(result.prefix(count))
}

/// The error that `body` throws, when it is a `HubError`.
func hubError(_ body: () throws -> Void) -> HubError? {
  do {
    try body()
    return nil
  } catch {
    return error as? HubError
  }
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The target of a link.
func link(_ path: String) throws -> String { try FileManager.default.destinationOfSymbolicLink(atPath: path) }

@Suite("Files come from a hub into Hugging Face's own layout")
struct HubTests {
  let folder: TemporaryFolder
  let hub: FakeHub
  let repository: HubRepository
  let large = bytes(300_000)
  let small = Array("{\"a\": 1}".utf8)
  var root: String { folder.file("hub/models--owner--name") }

  init() throws {
    folder = try TemporaryFolder()
    hub = try FakeHub(["config.json": small, "sub/model.bin": large, "README.md": Array("read me".utf8)])
    repository = try HubRepository("owner/name")
  }

  @Test("a small file and a large one lie where Hugging Face's tools look for them")
  func layout() throws {
    let client = try hub.client(folder)
    let config = try client.download("config.json", from: repository)
    #expect(config == "\(root)/snapshots/\(FakeHub.commit)/config.json")
    #expect(try contents(config) == small)
    #expect(try link(config) == "../../blobs/\(FakeHub.blob(small))")
    let model = try client.download("sub/model.bin", from: repository)
    #expect(try contents(model) == large)
    #expect(try link(model) == "../../../blobs/\(FakeHub.sha256(large))")
    #expect(try String(contentsOfFile: root + "/refs/main", encoding: .utf8) == FakeHub.commit)
    #expect(
      try Folder.names(root + "/blobs") == [FakeHub.blob(small), FakeHub.sha256(large)].sorted(),
      "nothing else is left")
    #expect(client.cached("config.json", in: repository) == config)
    // The second time only the question is sent; of a commit, not even that.
    let before = hub.log.count
    #expect(try client.download("config.json", from: repository) == config)
    #expect(Array(hub.log[before...]) == ["HEAD /owner/name/resolve/main/config.json"])
    #expect(try client.download("config.json", from: HubRepository("owner/name", revision: FakeHub.commit)) == config)
    #expect(hub.log.count == before + 1)
  }

  @Test("the token goes to the hub and to nobody else")
  func tokens() throws {
    _ = try hub.client(folder).download("sub/model.bin", from: repository)
    #expect(hub.requests.contains { $0.isElsewhere })
    for request in hub.requests {
      #expect(request.headers["authorization"] == (request.isElsewhere ? nil : "Bearer hf_secret"))
      #expect(request.headers["accept-encoding"] == "identity")
    }
  }

  @Test("a cut connection goes on where it stopped, also in another process's place")
  func resumed() throws {
    let cuts = Mutex(3)
    hub.setFault { [large] request in
      guard request.isElsewhere, request.method == "GET" else { return nil }
      let left = cuts.withLock { cuts -> Int in
        cuts -= 1
        return cuts
      }
      guard left >= 0 else { return nil }
      let start = request.headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
      let rest = Array(large[start...])
      return ServerReply(
        status: start == 0 ? 200 : 206,
        headers: start == 0 ? [:] : ["Content-Range": "bytes \(start)-\(large.count - 1)/\(large.count)"], body: rest,
        cutAfter: 70_000)
    }
    let path = try hub.client(folder).download("sub/model.bin", from: repository)
    #expect(try contents(path) == large)
    let ranges = hub.requests.filter { $0.isElsewhere }.map { $0.headers["range"] }
    #expect(ranges == [nil, "bytes=70000-", "bytes=140000-", "bytes=210000-"])
  }

  @Test("what an earlier process left is gone on with; when it is damaged, all is fetched again")
  func leftovers() throws {
    let blob = root + "/blobs/" + FakeHub.sha256(large)
    try Folder.create(root + "/blobs")
    let ranges = { [hub] in hub.requests.filter { $0.isElsewhere }.map { $0.headers["range"] } }
    try AtomicFile.write(large.prefix(100_000), to: blob + ".incomplete")
    let client = try hub.client(folder)
    #expect(try contents(client.download("sub/model.bin", from: repository)) == large)
    #expect(ranges() == ["bytes=100000-"])
    for left in [bytes(100_000, 9), bytes(300_000, 9), bytes(300_001, 9)] {
      try Folder.remove(root + "/snapshots")
      try FileManager.default.removeItem(atPath: blob)
      try AtomicFile.write(left, to: blob + ".incomplete")
      #expect(try contents(client.download("sub/model.bin", from: repository)) == large, "\(left.count) bytes")
    }
  }

  @Test("a server that knows no ranges sends all, and the file is right")
  func noRanges() throws {
    try Folder.create(root + "/blobs")
    try AtomicFile.write(large.prefix(1000), to: root + "/blobs/\(FakeHub.sha256(large)).incomplete")
    hub.setFault { [large] in $0.isElsewhere ? ServerReply(body: large) : nil }
    #expect(try contents(hub.client(folder).download("sub/model.bin", from: repository)) == large)
  }

  @Test("contents, lengths and ranges that are not those announced are refused, and nothing gets its name")
  func wrongContents() throws {
    let wrong = bytes(300_000, 2)
    let cases: [(String, @Sendable (ServerRequest) -> ServerReply?, HubError.Kind)] = [
      ("contents", { $0.isElsewhere ? ServerReply(body: wrong) : nil }, .checksumMismatch),
      ("length", { $0.isElsewhere ? ServerReply(body: Array(wrong.prefix(10))) : nil }, .invalidResponse),
      ("more than claimed", { $0.isElsewhere ? ServerReply(body: wrong + [1]) : nil }, .invalidResponse),
      (
        "range",
        { $0.isElsewhere ? ServerReply(status: 206, headers: ["Content-Range": "bytes 5-9/300000"], body: [1]) : nil },
        .invalidResponse
      ),
      (
        "no commit", { $0.method == "HEAD" ? ServerReply(headers: ["ETag": "\"a\""]) : nil }, .invalidResponse
      ),
      (
        "no etag",
        { $0.method == "HEAD" ? ServerReply(headers: ["X-Repo-Commit": FakeHub.commit]) : nil }, .invalidResponse
      ),
      (
        "an etag that leads away",
        {
          $0.method == "HEAD"
            ? ServerReply(headers: ["X-Repo-Commit": FakeHub.commit, "ETag": "\"../../../x\""]) : nil
        }, .invalidResponse
      ),
      (
        "a file's address",
        {
          $0.isElsewhere
            ? nil
            : ServerReply(
              status: 302,
              headers: ["Location": "file:///etc/passwd", "X-Repo-Commit": FakeHub.commit, "X-Linked-Etag": "\"aa\""])
        }, .invalidResponse
      ),
      ("a circle", { ServerReply(status: 302, headers: ["Location": $0.target]) }, .invalidResponse),
    ]
    for (name, fault, kind) in cases {
      hub.setFault(fault)
      let error = hubError { _ = try hub.client(folder).download("sub/model.bin", from: repository) }
      #expect(error?.kind == kind, "\(name): \(String(describing: error))")
      #expect(error?.repository == "owner/name" && error?.file == "sub/model.bin", "\(name)")
      #expect(!Folder.hasFile("\(root)/blobs/\(FakeHub.sha256(large))"), "\(name)")
      #expect(!Folder.hasFile("\(root)/snapshots/\(FakeHub.commit)/sub/model.bin"), "\(name)")
    }
  }

  @Test("too many requests and passing failures are tried again, after the pause asked for")
  func retries() throws {
    let count = Mutex(0)
    hub.setFault { _ in
      let number = count.withLock { count -> Int in
        count += 1
        return count
      }
      return number == 1
        ? ServerReply(status: 429, headers: ["Retry-After": "0.3"])
        : number == 2 ? ServerReply(status: 503) : nil
    }
    let start = ContinuousClock.now
    #expect(try contents(hub.client(folder).download("config.json", from: repository)) == small)
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    #expect(hub.log.count == 4)
    hub.setFault { _ in ServerReply(status: 503) }
    let before = hub.log.count
    let error = hubError { _ = try hub.client(folder).download("README.md", from: repository) }
    #expect(error?.kind == .serverFailure && error?.status == 503)
    #expect(hub.log.count == before + 5)
    // What was fetched before does, until the hub is back.
    #expect(try contents(hub.client(folder).download("config.json", from: repository)) == small)
    hub.setFault { _ in ServerReply(status: 429, headers: ["Retry-After": "100000"]) }
    #expect(hubError { _ = try hub.client(folder).download("README.md", from: repository) }?.status == 429)
  }

  @Test("what the hub refuses is told apart")
  func refusals() throws {
    let cases: [(ServerReply, HubError.Kind)] = [
      (ServerReply(status: 401, headers: ["X-Error-Code": "RepoNotFound"]), .repositoryNotFound),
      (ServerReply(status: 401), .unauthorized), (ServerReply(status: 403), .forbidden),
      (ServerReply(status: 403, headers: ["X-Error-Code": "GatedRepo"]), .gated),
      (ServerReply(status: 404, headers: ["X-Error-Code": "RevisionNotFound"]), .revisionNotFound),
      (ServerReply(status: 418), .invalidResponse),
    ]
    for (reply, kind) in cases {
      hub.setFault { _ in reply }
      let error = hubError { _ = try hub.client(folder).download("config.json", from: repository) }
      #expect(error?.kind == kind && error?.status == reply.status)
    }
    hub.setFault { _ in nil }
    #expect(hubError { _ = try hub.client(folder).download("nope", from: repository) }?.kind == .entryNotFound)
    #expect(
      hubError { _ = try hub.client(folder).download("a", from: HubRepository("owner/other")) }?.kind
        == .repositoryNotFound)
    for name in ["../x", "/etc/passwd", "a//b", "a\\b", "a\0b", ""] {
      #expect(hubError { _ = try hub.client(folder).download(name, from: repository) }?.kind == .invalidName)
    }
    for name in ["", "a/b/c", "../a", "a b", "-a", "a/.b", "a--b", String(repeating: "a", count: 97)] {
      #expect(hubError { _ = try HubRepository(name) }?.kind == .invalidName, "\(name)")
    }
    #expect(hubError { _ = try HubRepository("a", revision: "../../x") }?.kind == .invalidName)
  }

  @Test("a server that falls silent and one that is not there are errors after all tries")
  func silence() throws {
    hub.setFault { $0.method == "GET" ? ServerReply(body: [1], stall: 2.5, claimedLength: 8) : nil }
    let hasty = try hub.client(folder) {
      $0.downloadTimeout = 0.5
      $0.attempts = 1
    }
    #expect(hubError { _ = try hasty.download("config.json", from: repository) }?.kind == .timedOut)
    let nobody = try hub.client(folder) { $0.endpoint = URL(string: "http://127.0.0.1:1")! }
    #expect(hubError { _ = try nobody.download("a", from: repository) }?.kind == .unreachable)
  }

  @Test("without a network, what was fetched is found, and the rest is a clear error")
  func offline() throws {
    _ = try hub.client(folder).snapshotDownload(repository, allow: ["config.json"])
    let count = hub.log.count
    let offline = try hub.client(folder) { $0.isOffline = true }
    #expect(try contents(offline.download("config.json", from: repository)) == small)
    #expect(try offline.snapshotDownload(repository, allow: ["config*"]).files == ["config.json"])
    #expect(hubError { _ = try offline.download("README.md", from: repository) }?.kind == .offline)
    let missing = hubError { _ = try offline.snapshotDownload(repository) }
    #expect(missing?.kind == .offline && missing?.file == "README.md")
    #expect(hub.log.count == count)
  }
}
