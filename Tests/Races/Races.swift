import Synchronization

/// How requests ended.
struct Ends: Sendable {
  var answered = 0
  var cancelled = 0
  var late = 0
  var refused = 0
  var failed = 0

  var all: Int { answered + cancelled + late + refused + failed }

  mutating func add(_ other: Ends) {
    answered += other.answered
    cancelled += other.cancelled
    late += other.late
    refused += other.refused
    failed += other.failed
  }
}

struct Unwelcome: Error {}

/// Sends requests from 64 tasks; each must have one end, and an answer that is its own.
@main
enum Races {
  static func main() async throws {
    let count = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 10_000
    let served = Atomic<Int>(0)
    let model = DynamicBatchModel<Int, Int>(
      maxBatch: 16, timeout: .microseconds(500), queueLimit: 48, maxRunning: 2, length: { $0 % 50 }
    ) { requests in
      served.add(requests.count, ordering: .relaxed)
      if Int.random(in: 0..<10) == 0 { try await Task.sleep(for: .milliseconds(1)) }
      if requests.contains(where: { $0 % 97 == 0 }) { throw Unwelcome() }
      return requests.map { $0 * 3 }
    }
    let ends = try await withThrowingTaskGroup(of: Ends.self) { group in
      for client in 0..<64 {
        group.addTask {
          var ends = Ends()
          for request in stride(from: client, to: count, by: 64) { try await send(request, to: model, &ends) }
          return ends
        }
      }
      var sum = Ends()
      for try await ends in group { sum.add(ends) }
      return sum
    }
    await model.drain()
    print("\(count) requests: \(ends)")
    guard ends.all == count, ends.answered > 0, ends.cancelled > 0, ends.late > 0, ends.failed > 0,
      await model.waitingCount == 0
    else { fatalError("some request had no end, or a kind of end did not occur") }
  }

  private static func send(_ request: Int, to model: DynamicBatchModel<Int, Int>, _ ends: inout Ends) async throws {
    let deadline: ContinuousClock.Instant? = request % 5 == 0 ? .now + .microseconds(Int.random(in: 0...1500)) : nil
    let priority = RequestPriority.allCases[request % 3]
    let task = Task { try await model(request, priority: priority, deadline: deadline) }
    if request % 7 == 0 {
      if Bool.random() { await Task.yield() }
      task.cancel()
    }
    do {
      guard try await task.value == request * 3 else { fatalError("request \(request) got another's answer") }
      ends.answered += 1
    } catch is CancellationError {
      ends.cancelled += 1
    } catch is Unwelcome {
      ends.failed += 1
    } catch BatchingError.deadlineExceeded {
      ends.late += 1
    } catch BatchingError.queueFull {
      ends.refused += 1
    }
  }
}
