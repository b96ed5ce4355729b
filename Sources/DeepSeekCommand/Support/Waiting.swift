import Dispatch
import Synchronization

/// What asynchronous work came to, for a command, which is not asynchronous.
final class Waiting<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  /// Starts `body`.
  init(_ body: @escaping @Sendable () async throws -> Value) {
    Task.detached {
      let result: Result<Value, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      self.outcome.withLock { $0 = result }
      self.isDone.signal()
    }
  }

  /// Waits until `body` has returned, and gives what it returned or throws what it threw. To be called once.
  func result() throws -> Value {
    isDone.wait()
    return try outcome.withLock { $0! }.get()
  }
}
