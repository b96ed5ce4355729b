import DeepSeekCheckpoints
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DeepSeekHub

@Suite("Snapshots bring the files of a revision that are wanted")
struct SnapshotTests {
  let folder: TemporaryFolder
  let hub: FakeHub
  let repository: HubRepository
  let files: [String: [UInt8]]

  init() throws {
    folder = try TemporaryFolder()
    files = [
      "README.md": Array("read me".utf8), "config.json": Array("{}".utf8), "a/train.parquet": bytes(5000, 1),
      "a/test.parquet": bytes(5000, 2), "b/train.parquet": bytes(5000, 3), "b/same.parquet": bytes(5000, 3),
      "a b+é%.txt": Array("odd".utf8),
    ]
    hub = try FakeHub(files, repository: "datasets/owner/name")
    repository = try HubRepository("owner/name", type: .dataset)
  }

  @Test("all files over several pages, side by side, with odd names and equal contents")
  func everything() throws {
    let last = Mutex<HubProgress?>(nil)
    let snapshot = try hub.client(folder).snapshotDownload(repository, parallelism: 3) { progress in
      last.withLock { if progress.finishedFileCount > $0?.finishedFileCount ?? -1 { $0 = progress } }
    }
    #expect(snapshot.files == files.keys.sorted())
    #expect(snapshot.commit == FakeHub.commit)
    #expect(snapshot.folder == folder.file("hub/datasets--owner--name/snapshots/\(FakeHub.commit)"))
    for (name, contents) in files { #expect(try DeepSeekHubTests.contents(snapshot.folder + "/" + name) == contents) }
    let progress = last.withLock { $0 }
    let total = files.values.reduce(0) { $0 + $1.count }
    #expect(progress?.finishedFileCount == 7 && progress?.fileCount == 7)
    #expect(progress?.receivedByteCount == total && progress?.totalByteCount == total)
    let before = hub.log.count
    _ = try hub.client(folder).snapshotDownload(repository)
    #expect(Array(hub.log[before...]) == ["GET /api/datasets/owner/name/revision/main"])
  }

  @Test("patterns choose")
  func patterns() throws {
    let client = try hub.client(folder)
    #expect(
      try client.snapshotDownload(repository, allow: ["a/*"], ignore: ["*test*"]).files == ["a/train.parquet"])
    #expect(try client.snapshotDownload(repository, allow: ["b/"]).files == ["b/same.parquet", "b/train.parquet"])
    #expect(try client.snapshotDownload(repository, allow: ["nothing"]).files == [])
    #expect(!hub.log.contains { $0.contains("README") })
  }

  @Test("a listing that leads out of the repository, has no end or goes on elsewhere is refused")
  func listings() throws {
    let blob = String(repeating: "a", count: 40)
    let cases: [ServerReply] = [
      ServerReply(body: Array("[{\"type\": \"file\", \"path\": \"../../x\", \"size\": 1, \"oid\": \"\(blob)\"}]".utf8)),
      ServerReply(body: Array("[{\"type\": \"file\", \"path\": \"x\", \"size\": -1, \"oid\": \"\(blob)\"}]".utf8)),
      ServerReply(body: Array("[{\"type\": \"file\", \"path\": \"x\", \"size\": 1, \"oid\": \"../x\"}]".utf8)),
      ServerReply(body: Array("{}".utf8)), ServerReply(body: Array("[".utf8)),
      ServerReply(headers: ["Link": "<?more>; rel=\"next\""], body: Array("[]".utf8)),
      ServerReply(headers: ["Link": "<http://example.invalid/>; rel=\"next\""], body: Array("[]".utf8)),
    ]
    for reply in cases {
      hub.setFault { $0.path.contains("/tree/") ? reply : nil }
      let error = hubError { _ = try hub.client(folder).snapshotDownload(repository) }
      #expect(error?.kind == .invalidResponse, "\(String(decoding: reply.body, as: UTF8.self))")
    }
  }

  @Test("an error in one file stops the rest, and what is whole stays")
  func failure() throws {
    hub.setFault { $0.path.hasSuffix("/config.json") ? ServerReply(status: 403) : nil }
    let error = hubError { _ = try hub.client(folder).snapshotDownload(repository, parallelism: 1) }
    #expect(error?.kind == .forbidden && error?.file == "config.json")
    #expect(
      try hub.client(folder) { $0.isOffline = true }.download("README.md", from: repository).hasSuffix("README.md"))
  }

  @Test("many at once fetch a file once")
  func together() throws {
    let clients = try (0..<6).map { _ in try hub.client(folder) }
    try Workers.run(6, atOnce: 6) { index in
      let path = try clients[index].download("a/train.parquet", from: repository)
      #expect(try contents(path) == files["a/train.parquet"])
    }
    #expect(hub.requests.filter { $0.isElsewhere }.count == 1)
  }
}

@Suite("Settings come from the environment that Hugging Face's tools read")
struct HubSettingsTests {
  @Test("folders, token, endpoint and times")
  func values() throws {
    let folder = try TemporaryFolder()
    var environment = ["HOME": folder.path]
    var settings = try HubSettings(environment: environment)
    #expect(settings.endpoint.absoluteString == "https://huggingface.co")
    #expect(settings.cacheFolder == folder.path + "/.cache/huggingface/hub")
    #expect(settings.token == nil && !settings.isOffline && settings.downloadTimeout == 10)
    environment["XDG_CACHE_HOME"] = folder.file("xdg")
    #expect(try HubSettings(environment: environment).cacheFolder == folder.path + "/xdg/huggingface/hub")
    environment["HF_HOME"] = "~/hf"
    try Folder.create(folder.file("hf"))
    try AtomicFile.write(Array("hf_file\n".utf8), to: folder.file("hf/token"))
    settings = try HubSettings(environment: environment)
    #expect(settings.cacheFolder == folder.path + "/hf/hub" && settings.token == "hf_file")
    environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
    #expect(try HubSettings(environment: environment).token == nil)
    environment = [
      "HOME": folder.path, "HF_HUB_CACHE": "$HOME/c", "HF_TOKEN": " hf_a ", "HF_ENDPOINT": "http://localhost:8080/",
      "HF_HUB_OFFLINE": "yes", "HF_HUB_DOWNLOAD_TIMEOUT": "2.5",
    ]
    settings = try HubSettings(environment: environment)
    #expect(settings.cacheFolder == folder.path + "/c" && settings.token == "hf_a" && settings.isOffline)
    #expect(settings.endpoint.absoluteString == "http://localhost:8080" && settings.downloadTimeout == 2.5)
  }

  @Test(
    "what makes no sense is named",
    arguments: [
      ("HF_ENDPOINT", "file:///etc"), ("HF_ENDPOINT", "nonsense"), ("HF_ENDPOINT", "http://u:p@host"),
      ("HF_TOKEN", "a\r\nX: y"), ("HF_HUB_ETAG_TIMEOUT", "-1"), ("HF_HUB_DOWNLOAD_TIMEOUT", "soon"),
    ])
  func mistakes(_ name: String, _ value: String) {
    let error = hubError { _ = try HubSettings(environment: ["HOME": "/nowhere", name: value]) }
    #expect(error?.kind == .invalidSetting && error?.message.contains(name) == true)
  }
}
