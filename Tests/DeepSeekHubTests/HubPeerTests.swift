import DeepSeekCheckpoints
import Foundation
import TestSupport
import Testing

@testable import DeepSeekHub

/// Python must have `huggingface_hub` for this to say something; `DEEPSEEK_REQUIRE_TRANSFORMERS` says that it has.
@Suite("Hugging Face's own library and we find each other's files")
struct HubPeerTests {
  let folder: TemporaryFolder
  let hub: FakeHub
  let files = [
    "config.json": Array("{}".utf8), "sub/model.bin": bytes(200_000), "sub/notes.txt": Array("some notes".utf8),
  ]

  init() throws {
    folder = try TemporaryFolder()
    hub = try FakeHub(files)
  }

  /// Runs a program with this endpoint and our cache; `nil` when Python lacks the library.
  private func python(_ endpoint: String, _ program: String) throws -> String? {
    let head = """
      import os, sys
      os.environ.update(HF_ENDPOINT="\(endpoint)", HF_HUB_CACHE="\(folder.file("hub"))", HF_HOME="\(folder.file("home"))",
                        HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1", HF_TOKEN="hf_secret", HF_HUB_OFFLINE="")
      try:
          from huggingface_hub import hf_hub_download, snapshot_download
      except ImportError:
          print("no huggingface_hub")
          sys.exit()

      """
    let (status, output) = try PeerPython.run("-c", head + program)
    if output.contains("no huggingface_hub") {
      #expect(ProcessInfo.processInfo.environment["DEEPSEEK_REQUIRE_TRANSFORMERS"] == nil, "\(output)")
      print("HubPeerTests: left out, because Python lacks huggingface_hub")
      return nil
    }
    #expect(status == 0, "\(output)")
    return output
  }

  private static let isNamed = PeerPython.interpreter != nil

  @Test("it finds what we fetched, and fetches nothing", .enabled(if: isNamed, "left out: DEEPSEEK_PYTHON is not set"))
  func ours() throws {
    let snapshot = try hub.client(folder).snapshotDownload(HubRepository("owner/name"))
    let found = try python(
      "http://127.0.0.1:1",
      """
      folder = snapshot_download("owner/name", local_files_only=True)
      assert folder == "\(snapshot.folder)", folder
      for name in \(Array(files.keys)):
          assert hf_hub_download("owner/name", name, local_files_only=True) == os.path.join(folder, name)
      """)
    guard found != nil else { return }
    let before = hub.log.count
    _ = try python(
      hub.address,
      """
      snapshot_download("owner/name")
      for name in \(Array(files.keys)):
          hf_hub_download("owner/name", name)
      """)
    let later = hub.requests[before...]
    #expect(!later.isEmpty && !later.contains { $0.isElsewhere || $0.method == "GET" && $0.path.contains("/resolve/") })
  }

  @Test("we find what it fetched, and fetch nothing", .enabled(if: isNamed, "left out: DEEPSEEK_PYTHON is not set"))
  func theirs() throws {
    guard try python(hub.address, "print(snapshot_download(\"owner/name\"))") != nil else { return }
    let repository = try HubRepository("owner/name")
    let before = hub.log.count
    let offline = try hub.client(folder) { $0.isOffline = true }
    let snapshot = try offline.snapshotDownload(repository)
    #expect(snapshot.files == files.keys.sorted() && snapshot.commit == FakeHub.commit)
    for (name, wanted) in files {
      let path = try offline.download(name, from: repository)
      #expect(try contents(path) == wanted && path == snapshot.folder + "/" + name)
    }
    #expect(hub.log.count == before)
    let client = try hub.client(folder)
    _ = try client.snapshotDownload(repository)
    for name in files.keys { _ = try client.download(name, from: repository) }
    let later = hub.requests[before...]
    #expect(!later.contains { $0.isElsewhere || $0.method == "GET" && $0.path.contains("/resolve/") })
  }
}
