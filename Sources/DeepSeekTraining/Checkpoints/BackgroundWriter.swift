import Dispatch
import Synchronization

/// Runs jobs one after another beside the thread that trains.
///
/// A job waits until the one before is done, so no more than one state is on its way to the disk; what one throws comes up
/// when the next is given, or when someone asks.
final class BackgroundWriter: Sendable {
  private let queue = DispatchQueue(label: "deepseek.checkpoint-writer", qos: .utility)
  private let running = DispatchGroup()
  private let failure = Mutex<(any Error)?>(nil)

  /// Begins a job, after waiting for the one before. Throws what that one threw.
  func begin(_ job: @escaping @Sendable () throws -> Void) throws {
    try wait()
    queue.async(group: running) {
      do {
        try job()
      } catch {
        self.failure.withLock { $0 = error }
      }
    }
  }

  /// Throws what a job threw that nobody has heard of yet; does not wait.
  func check() throws {
    let error = failure.withLock { failure in
      defer { failure = nil }
      return failure
    }
    if let error { throw error }
  }

  /// Waits until all is written. Throws what a job threw.
  func wait() throws {
    running.wait()
    try check()
  }
}
