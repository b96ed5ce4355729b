import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Asks a hub: with the token where it belongs, through redirections, again when it may help.
struct HubConnection: Sendable {
  private(set) var settings: HubSettings
  private let client = HTTPClient()

  private static let largestRedirectionCount = 10
  /// The longest pause between two tries that is waited for, in seconds.
  private static let longestPause = 30.0

  init(_ settings: HubSettings) { self.settings = settings }

  /// The same, that tries once only: for when there is something to fall back on.
  var once: HubConnection {
    var copy = self
    copy.settings.attempts = 1
    return copy
  }

  /// The address of a path on the hub, whose parts are names: a slash in one is escaped, save in the last, a file's.
  func url(_ path: String, _ names: String..., file: String? = nil, query: String? = nil) -> URL {
    var parts = [settings.endpoint.absoluteString, path] + names.map(HubConnection.escaped)
    if let file { parts += file.split(separator: "/").map { HubConnection.escaped(String($0)) } }
    // The endpoint is an address, and what follows is plain or escaped.
    return URL(string: parts.joined(separator: "/") + (query.map { "?" + $0 } ?? ""))!
  }

  private static func escaped(_ name: String) -> String {
    name.utf8.map { byte in
      if PathParts.isWord(byte) || byte == UInt8(ascii: "~") { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }.joined()
  }

  /// Sends one request, and further ones where the answers lead.
  ///
  /// - Parameters:
  ///   - followsElsewhere: Whether a redirection to another host is followed, without the token; else it is the answer.
  ///   - receive: Given the body of an answer that is a success.
  ///   - seen: Told every answer's beginning.
  func send(
    _ method: String, _ url: URL, headers: [String: String] = [:], timeout: Double, followsElsewhere: Bool = true,
    seen: (HTTPHead) throws -> Void = { _ in },
    wantsBody: @escaping @Sendable (HTTPHead) throws -> Bool = { _ in true },
    receive: @escaping @Sendable (Data) throws -> Void = { _ in }
  ) throws -> HTTPHead {
    var url = url
    // Foundation on Linux counts whole seconds, and takes none for no limit.
    let timeout = max(1, timeout.rounded(.up))
    for _ in 0...HubConnection.largestRedirectionCount {
      var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout)
      request.httpMethod = method
      request.setValue("deepseek-swift", forHTTPHeaderField: "User-Agent")
      // Sizes and ranges are those of the file itself.
      request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
      for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
      if let token = settings.token, url.hasSameOrigin(as: settings.endpoint) {
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
      }
      let head = try client.send(request, wantsBody: { try $0.isSuccess && wantsBody($0) }, receive: receive)
      try seen(head)
      guard let next = head.redirection else { return head }
      if !followsElsewhere && !next.hasSameOrigin(as: settings.endpoint) { return head }
      let scheme = next.scheme?.lowercased()
      guard scheme == "https" || scheme == "http" && url.scheme?.lowercased() == "http" else {
        throw HubError(
          .invalidResponse, status: head.status,
          "\(url.host() ?? "the hub") sends on to \(next.absoluteString.prefix(120)), which is not followed from here")
      }
      url = next
    }
    throw HubError(.invalidResponse, "the hub sends on from one address to the next without end")
  }

  /// Repeats what may succeed later: failed connections, too many requests, a server's own failures.
  ///
  /// - Parameter body: A try; returns what it got, and throws ``HTTPFailure`` or ``RetriableAnswer`` for a failure that may
  ///   pass. It is told how to say that it came a good way, so that the count begins anew.
  func retrying<Result>(_ body: (_ hasAdvanced: inout Bool) throws -> Result) throws -> Result {
    var failures = 0
    while true {
      var hasAdvanced = false
      var pause = 0.0
      let error: HubError
      do {
        return try body(&hasAdvanced)
      } catch let failure as HTTPFailure {
        error = HubError(
          failure.isTimeout ? .timedOut : .unreachable,
          "\(settings.endpoint.absoluteString): \(failure.message)",
          advice: failure.isTimeout
            ? "try again, or raise HF_HUB_DOWNLOAD_TIMEOUT" : "check the network and HF_ENDPOINT")
      } catch let answer as RetriableAnswer {
        error = answer.error
        pause = answer.pause ?? 0
      }
      failures = hasAdvanced ? 1 : failures + 1
      let backOff = settings.retryDelay * Double(1 << min(failures - 1, 10))
      pause = max(pause, min(backOff, HubConnection.longestPause))
      guard failures < settings.attempts, pause <= HubConnection.longestPause * 2 else { throw error }
      Thread.sleep(forTimeInterval: pause)
    }
  }

  /// Throws what an answer that is no success means.
  func check(_ head: HTTPHead) throws {
    if head.isSuccess { return }
    let error = HubConnection.error(head)
    if [408, 429].contains(head.status) || (500...599).contains(head.status) && head.status != 501 {
      throw RetriableAnswer(error: error, pause: head.retryAfter)
    }
    throw error
  }

  private static func error(_ head: HTTPHead) -> HubError {
    let said = head["x-error-message"].map { ": \($0.prefix(300))" } ?? ""
    func error(_ kind: HubError.Kind, _ message: String, _ advice: String = "") -> HubError {
      HubError(kind, status: head.status, message + said, advice: advice)
    }
    switch (head["x-error-code"], head.status) {
    case ("RepoNotFound", _):
      return error(.repositoryNotFound, "there is no such repository, or it is private", setToken)
    case ("RevisionNotFound", _): return error(.revisionNotFound, "the repository has no such revision")
    case ("EntryNotFound", _): return error(.entryNotFound, "the repository has no such file")
    case ("GatedRepo", _):
      return error(.gated, "its conditions have to be accepted", "accept them on its page, and \(setToken)")
    case (_, 401): return error(.unauthorized, "the hub wants a token that it accepts", setToken)
    case (_, 403): return error(.forbidden, "the hub refuses access", "check what the token may do")
    case (_, 404): return error(.entryNotFound, "the hub has nothing there", "check the names")
    case (_, 429): return error(.serverFailure, "the hub has had too many requests (429)", "try again later")
    case (_, 500...599):
      return error(.serverFailure, "the hub reports a failure of its own (\(head.status))", "try again later")
    default: return error(.invalidResponse, "the hub answers with status \(head.status)")
    }
  }

  private static let setToken = "set HF_TOKEN to a token that may read it"
}

/// An answer that may be another one later.
struct RetriableAnswer: Error {
  let error: HubError
  /// How long the server asks to wait, in seconds.
  let pause: Double?
}
