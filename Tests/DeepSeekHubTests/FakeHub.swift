import DeepSeekCheckpoints
import Foundation
import Synchronization
import TestSupport

@testable import DeepSeekHub

/// A server that speaks the hub's protocol for one repository, with faults where a test wants them.
final class FakeHub: Sendable {
  static let commit = "0123456789abcdef0123456789abcdef01234567"
  let files: [String: [UInt8]]
  /// The path of the repository: `owner/name`, or `datasets/owner/name`.
  let repository: String
  /// Files from so many bytes on are kept at the other address, and named by their SHA-256.
  static let largeByteCount = 1000
  private let server = Mutex<LocalServer?>(nil)
  private let fault = Mutex<@Sendable (ServerRequest) -> ServerReply?>({ _ in nil })
  private let pageSize: Int

  init(_ files: [String: [UInt8]], repository: String = "owner/name", pageSize: Int = 2) throws {
    self.files = files
    self.repository = repository
    self.pageSize = pageSize
    let running = try LocalServer { [unowned self] in self.answer($0) }
    server.withLock { $0 = running }
  }

  var address: String { server.withLock { $0!.address } }
  var elsewhere: String { server.withLock { $0!.elsewhere } }
  var requests: [ServerRequest] { server.withLock { $0!.requests } }
  /// The requests as `GET path`.
  var log: [String] { requests.map { "\($0.method) \($0.path)" } }

  /// What is answered instead, where it gives something.
  func setFault(_ fault: @escaping @Sendable (ServerRequest) -> ServerReply?) { self.fault.withLock { $0 = fault } }

  /// A client of this hub with a cache of its own and short pauses.
  func client(_ folder: TemporaryFolder, _ change: (inout HubSettings) -> Void = { _ in }) throws -> Hub {
    var settings = try HubSettings(environment: [
      "HF_ENDPOINT": address, "HF_HUB_CACHE": folder.file("hub"), "HF_TOKEN": "hf_secret", "HOME": folder.path,
    ])
    settings.retryDelay = 0.01
    change(&settings)
    return Hub(settings)
  }

  static func sha256(_ bytes: [UInt8]) -> String {
    let digest = Digest()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  /// Git's name of the contents.
  static func blob(_ bytes: [UInt8]) -> String {
    let digest = Digest(.sha1)
    (Array("blob \(bytes.count)\0".utf8) + bytes).withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  static func isLarge(_ bytes: [UInt8]) -> Bool { bytes.count >= largeByteCount }
  static func etag(_ bytes: [UInt8]) -> String { isLarge(bytes) ? sha256(bytes) : blob(bytes) }

  /// What a working hub answers.
  func answer(_ request: ServerRequest) -> ServerReply {
    if let reply = fault.withLock({ $0 })(request) { return reply }
    let path = request.path
    if request.isElsewhere {
      guard let bytes = files.values.first(where: { path == "/" + FakeHub.sha256($0) }) else {
        return ServerReply(status: 404)
      }
      return part(bytes, request, [:])
    }
    let interface = repository.hasPrefix("datasets/") ? "/api/\(repository)" : "/api/models/\(repository)"
    for revision in ["main", FakeHub.commit] {
      if path == "\(interface)/revision/\(revision)" {
        return json("{\"id\": \"owner/name\", \"sha\": \"\(FakeHub.commit)\", \"siblings\": []}")
      }
      if path == "\(interface)/tree/\(revision)" { return tree(request) }
      let prefix = "/\(repository)/resolve/\(revision)/"
      guard path.hasPrefix(prefix) else { continue }
      guard let bytes = files[String(path.dropFirst(prefix.count))] else {
        return ServerReply(
          status: 404, headers: ["X-Error-Code": "EntryNotFound", "X-Repo-Commit": FakeHub.commit])
      }
      if FakeHub.isLarge(bytes) {
        let digest = FakeHub.sha256(bytes)
        return ServerReply(
          status: 302,
          headers: [
            "Location": "\(elsewhere)/\(digest)", "X-Linked-Etag": "\"\(digest)\"",
            "X-Linked-Size": "\(bytes.count)", "X-Repo-Commit": FakeHub.commit,
          ])
      }
      return part(bytes, request, ["ETag": "\"\(FakeHub.blob(bytes))\"", "X-Repo-Commit": FakeHub.commit])
    }
    return ServerReply(status: 404, headers: ["X-Error-Code": "RepoNotFound"])
  }

  /// The bytes, or those from where a range begins.
  private func part(_ bytes: [UInt8], _ request: ServerRequest, _ headers: [String: String]) -> ServerReply {
    guard let range = request.headers["range"], let start = Int(range.dropFirst(6).dropLast()) else {
      return ServerReply(headers: headers, body: bytes)
    }
    if start >= bytes.count { return ServerReply(status: 416) }
    var headers = headers
    headers["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
    return ServerReply(status: 206, headers: headers, body: Array(bytes[start...]))
  }

  private func json(_ text: String, _ headers: [String: String] = [:]) -> ServerReply {
    var headers = headers
    headers["Content-Type"] = "application/json"
    return ServerReply(headers: headers, body: Array(text.utf8))
  }

  private func tree(_ request: ServerRequest) -> ServerReply {
    let names = files.keys.sorted()
    let start = request.target.range(of: "cursor=").flatMap { Int(request.target[$0.upperBound...]) } ?? 0
    let items = names[start...].prefix(pageSize).map { name in
      let bytes = files[name]!
      let large =
        FakeHub.isLarge(bytes)
        ? ", \"lfs\": {\"oid\": \"\(FakeHub.sha256(bytes))\", \"size\": \(bytes.count), \"pointerSize\": 130}" : ""
      return
        "{\"type\": \"file\", \"path\": \"\(name)\", \"size\": \(bytes.count), \"oid\": \"\(FakeHub.blob(bytes))\"\(large)}"
    }
    let folder = start == 0 ? ["{\"type\": \"directory\", \"path\": \"sub\", \"size\": 0, \"oid\": \"\"}"] : []
    let next =
      start + pageSize < names.count
      ? ["Link": "<\(address)\(request.path)?recursive=true&cursor=\(start + pageSize)>; rel=\"next\""] : [:]
    return json("[" + (folder + items).joined(separator: ", ") + "]", next)
  }
}
