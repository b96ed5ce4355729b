import Foundation

/// Hugging Face's cache of downloads: `models--ORG--NAME/refs/REVISION` holds a commit, whose files lie in `snapshots/COMMIT`.
struct HubCache: Sendable {
  let folder: URL

  /// The cache that the environment names: `HF_HUB_CACHE`, `HF_HOME/hub`, `XDG_CACHE_HOME/huggingface/hub`, or that below
  /// `~/.cache`.
  init(environment: [String: String]) {
    func path(_ name: String) -> URL? {
      guard let value = environment[name], !value.isEmpty else { return nil }
      return URL(fileURLWithPath: (value as NSString).expandingTildeInPath, isDirectory: true)
    }
    let home = path("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let caches = path("XDG_CACHE_HOME") ?? home.appendingPathComponent(".cache", isDirectory: true)
    let root = path("HF_HOME") ?? caches.appendingPathComponent("huggingface", isDirectory: true)
    folder = path("HF_HUB_CACHE") ?? root.appendingPathComponent("hub", isDirectory: true)
  }

  /// Whether `name` can be an id: one or two parts of letters, digits, `-`, `_` and `.`, without `..` and `--`.
  static func isModelID(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && part.first != "." && part.first != "-" && part.last != "." && part.last != "-"
        && part.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
          default: false
          }
        }
    }
    return parts.count <= 2 && isPlain && !name.contains("..") && !name.contains("--") && name.utf8.count <= 96
  }

  /// The files of a model's revision (a branch, a tag or a commit); `nil` when they are not here.
  func snapshot(of id: String, revision: String) -> URL? {
    let parts = revision.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) { return nil }
    let model = folder.appendingPathComponent("models--" + id.replacing("/", with: "--"), isDirectory: true)
    let reference = try? String(contentsOf: model.appendingPathComponent("refs/\(revision)"), encoding: .utf8)
    let commit = reference?.trimmingCharacters(in: .whitespacesAndNewlines) ?? revision
    guard !commit.isEmpty, !commit.contains("/"), !commit.hasPrefix(".") else { return nil }
    let snapshot = model.appendingPathComponent("snapshots/\(commit)", isDirectory: true)
    return FileManager.default.fileExists(atPath: snapshot.appendingPathComponent("config.json").path) ? snapshot : nil
  }
}
