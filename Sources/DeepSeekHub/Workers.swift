import Foundation
import Synchronization

/// Threads that wait for a network, as many as are asked for: the framework's own are for computing.
enum Workers {
  /// Calls `body` with 0 ..< count, so many at once. After an error nothing new is begun, and the first one is thrown.
  static func run(_ count: Int, atOnce limit: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    final class Work: Sendable {
      let state = Mutex<(next: Int, error: (any Error)?)>((0, nil))
    }
    let work = Work()
    let group = DispatchGroup()
    for _ in 0..<min(count, max(1, limit)) {
      group.enter()
      let thread = Thread {
        defer { group.leave() }
        while let index = work.state.withLock({ state -> Int? in
          guard state.error == nil, state.next < count else { return nil }
          state.next += 1
          return state.next - 1
        }) {
          do {
            try body(index)
          } catch {
            work.state.withLock { if $0.error == nil { $0.error = error } }
          }
        }
      }
      thread.start()
    }
    group.wait()
    if let error = work.state.withLock({ $0.error }) { throw error }
  }
}
