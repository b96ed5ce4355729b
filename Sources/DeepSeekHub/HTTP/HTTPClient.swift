import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Sends one request at a time for each caller, who waits; any number of threads may call.
///
/// Redirections are answers like others: who follows them decides what is sent along.
final class HTTPClient: Sendable {
  private let session: URLSession
  private let delegate = TransferDelegate()

  init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpShouldSetCookies = false
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    configuration.httpMaximumConnectionsPerHost = 64
    session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil)
  }

  // The session holds its delegate, and threads of its own, until it is told.
  deinit { session.finishTasksAndInvalidate() }

  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - wantsBody: Told the answer's beginning; says whether the rest is wanted.
  ///   - receive: Given the body piece by piece.
  /// - Returns: The answer's beginning.
  /// - Throws: What the closures throw; ``HTTPFailure`` when the connection fails.
  func send(
    _ request: URLRequest, wantsBody: @escaping @Sendable (HTTPHead) throws -> Bool = { _ in true },
    receive: @escaping @Sendable (Data) throws -> Void = { _ in }
  ) throws -> HTTPHead {
    let task = session.dataTask(with: request)
    let transfer = Transfer(url: request.url!, wantsBody: wantsBody, receive: receive)
    delegate.add(transfer, task.taskIdentifier)
    task.resume()
    // Foundation's own limits count otherwise on each system.
    while transfer.finished.wait(timeout: .now() + transfer.patience(request.timeoutInterval)) == .timedOut {
      if transfer.giveUp(afterSilence: request.timeoutInterval) { task.cancel() }
    }
    return try transfer.result()
  }
}

/// Why a connection gave no whole answer.
struct HTTPFailure: Error {
  let isTimeout: Bool
  let message: String
}

/// An answer on its way.
private final class Transfer: Sendable {
  private struct State {
    var head: HTTPHead?
    var error: (any Error)?
    var isStopped = false
    /// When something last came.
    var lastArrival = ContinuousClock.now
  }

  let finished = DispatchSemaphore(value: 0)
  private let url: URL
  private let wantsBody: @Sendable (HTTPHead) throws -> Bool
  private let receive: @Sendable (Data) throws -> Void
  private let state = Mutex(State())

  init(
    url: URL, wantsBody: @escaping @Sendable (HTTPHead) throws -> Bool,
    receive: @escaping @Sendable (Data) throws -> Void
  ) {
    self.url = url
    self.wantsBody = wantsBody
    self.receive = receive
  }

  /// Takes the answer's beginning; says whether to go on.
  func begin(_ response: URLResponse?) -> Bool {
    guard let response = response as? HTTPURLResponse else { return false }
    let head = HTTPHead(response, url: url)
    return step {
      $0.head = head
      return try wantsBody(head)
    }
  }

  /// Takes a piece of the body; says whether to go on.
  func take(_ data: Data) -> Bool {
    step { _ in
      try receive(data)
      return true
    }
  }

  /// Seconds until the silence has lasted for `limit`.
  func patience(_ limit: Double) -> Double {
    let silence = state.withLock { ContinuousClock.now - $0.lastArrival }
    return Swift.max(limit - silence / .seconds(1), 0.001)
  }

  /// Ends the transfer if nothing came for `limit` seconds; says whether it did.
  func giveUp(afterSilence limit: Double) -> Bool {
    state.withLock { state in
      let silence = (ContinuousClock.now - state.lastArrival) / .seconds(1)
      guard silence >= limit, !state.isStopped else { return false }
      state.error = HTTPFailure(isTimeout: true, message: "nothing came for \(limit) s")
      state.isStopped = true
      return true
    }
  }

  private func step(_ body: (inout State) throws -> Bool) -> Bool {
    state.withLock { state in
      state.lastArrival = .now
      if state.isStopped { return false }
      do {
        state.isStopped = try !body(&state)
      } catch {
        state.error = error
        state.isStopped = true
      }
      return !state.isStopped
    }
  }

  /// Takes the end. A redirection that is not followed brings its beginning only here.
  func end(_ response: URLResponse?, _ error: (any Error)?) {
    state.withLock { state in
      if state.head == nil, let response = response as? HTTPURLResponse { state.head = HTTPHead(response, url: url) }
      if let error, !state.isStopped, state.error == nil {
        let isTimeout = (error as? URLError)?.code == .timedOut
        state.error = HTTPFailure(isTimeout: isTimeout, message: error.localizedDescription)
      }
    }
    finished.signal()
  }

  func result() throws -> HTTPHead {
    try state.withLock { state in
      if let error = state.error { throw error }
      guard let head = state.head else { throw HTTPFailure(isTimeout: false, message: "there was no answer") }
      return head
    }
  }
}

/// Gives a session's events to the transfers that they belong to.
private final class TransferDelegate: NSObject, URLSessionDataDelegate {
  private let transfers = Mutex<[Int: Transfer]>([:])

  func add(_ transfer: Transfer, _ identifier: Int) { transfers.withLock { $0[identifier] = transfer } }

  private func transfer(_ task: URLSessionTask) -> Transfer? { transfers.withLock { $0[task.taskIdentifier] } }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    completionHandler(transfer(dataTask)?.begin(response) == true ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    if transfer(dataTask)?.take(data) != true { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    transfers.withLock { $0.removeValue(forKey: task.taskIdentifier) }?.end(task.response, error)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    _ = transfer(task)?.begin(response)
    completionHandler(nil)
  }
}
