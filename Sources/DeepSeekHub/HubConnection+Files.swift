import DeepSeekJSON
import Foundation
import Synchronization

extension HubConnection {
  /// What the hub says of a file: which commit, which contents, how many bytes.
  func metadata(_ file: String, of repository: HubRepository) throws -> WantedFile {
    let url = url(repository.path, "resolve", repository.revision, file: file)
    return try retrying { _ in
      var commit: String?
      var etag: String?
      var size: Int?
      let last = try send(
        "HEAD", url, timeout: settings.metadataTimeout, followsElsewhere: false,
        seen: { head in
          commit = commit ?? head["x-repo-commit"]
          etag = etag ?? head.etag("x-linked-etag")
          size = size ?? head.byteCount("x-linked-size")
        })
      // A file that is kept elsewhere is named by where the hub sends one.
      if last.redirection == nil { try check(last) }
      etag = etag ?? last.etag("etag")
      if last.redirection == nil { size = size ?? last.byteCount("content-length") }
      guard let commit, PathParts.isCommit(commit) else {
        throw HubError(
          .invalidResponse, "the answer does not say which commit the file is of", advice: "check HF_ENDPOINT")
      }
      guard let etag, etag.utf8.count <= 200, etag.utf8.allSatisfy({ PathParts.isWord($0) }), PathParts.isSafe(etag),
        !etag.hasSuffix(".incomplete")
      else {
        throw HubError(.invalidResponse, "the answer does not name the file's contents", advice: "check HF_ENDPOINT")
      }
      return WantedFile(name: file, commit: commit, etag: etag, byteCount: size)
    }
  }

  /// The commit that a revision stands for.
  func commit(of repository: HubRepository) throws -> String {
    if PathParts.isCommit(repository.revision) { return repository.revision }
    let body = try document(url(repository.interfacePath, "revision", repository.revision)).body
    guard let commit = try? JSONValue(parsing: body).object?["sha"]?.string, PathParts.isCommit(commit) else {
      throw HubError(.invalidResponse, "the answer does not say which commit '\(repository.revision)' is")
    }
    return commit
  }

  /// All files of a commit, page by page.
  func tree(of repository: HubRepository, _ commit: String) throws -> HubTree {
    var next: URL? = url(repository.interfacePath, "tree", commit, query: "recursive=true&expand=false")
    var entries: [HubTree.Entry] = []
    var byteCount = 0
    var visited: Set<URL> = []
    while let page = next {
      guard visited.insert(page).inserted else {
        throw HubError(.invalidResponse, "the hub's list of files has no end")
      }
      let (head, body) = try document(page)
      byteCount += body.count
      entries += try HubTree.page(body)
      guard byteCount <= HubTree.largestByteCount else {
        throw HubError(.invalidResponse, "the hub's list of files is longer than \(HubTree.largestByteCount) bytes")
      }
      next = try HubConnection.nextPage(head)
    }
    var seen: Set<String> = []
    return HubTree(entries: entries.filter { seen.insert($0.path).inserted })
  }

  /// A short document, in memory.
  private func document(_ url: URL) throws -> (head: HTTPHead, body: [UInt8]) {
    try retrying { _ in
      let body = Mutex<[UInt8]>([])
      let head = try send(
        "GET", url, timeout: settings.metadataTimeout,
        receive: { data in
          try body.withLock {
            guard $0.count + data.count <= HubTree.largestByteCount else {
              throw HubError(.invalidResponse, "the hub's answer is longer than \(HubTree.largestByteCount) bytes")
            }
            $0 += data
          }
        })
      try check(head)
      return (head, body.withLock { $0 })
    }
  }

  /// The address of the next page: `<https://…>; rel="next"`.
  private static func nextPage(_ head: HTTPHead) throws -> URL? {
    for link in head["link"]?.split(separator: ",") ?? [] where link.contains("rel=\"next\"") {
      guard let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">"), start < end,
        let url = URL(string: String(link[link.index(after: start)..<end]), relativeTo: head.url)?.absoluteURL,
        url.hasSameOrigin(as: head.url)
      else {
        throw HubError(.invalidResponse, "the hub's list of files goes on at an address that is not the hub's")
      }
      return url
    }
    return nil
  }
}
