import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
import CoreMetrics
import MetricsTestKit
import Synchronization
import TestSupport
import Testing

/// What a model was asked for, batch by batch.
private final class Log: Sendable {
  private let entries = Mutex<[[Int]]>([])
  var batches: [[Int]] { entries.withLock { $0 } }
  func add(_ batch: [Int]) { entries.withLock { $0.append(batch) } }
}

/// Holds a model up until a test has said all that it wants to.
private actor Gate {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func pass() async {
    if isOpen { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}

/// Waits until so many requests are in the queue.
private func wait<Request, Response>(for count: Int, in model: DynamicBatchModel<Request, Response>) async {
  while await model.waitingCount < count { await Task.yield() }
}

private struct BadRequest: Error, Equatable {}

@Suite("Dynamic batching")
struct BatchingTests {
  @Test("requests that come together are answered by one batch, each with its own answer")
  func gathers() async throws {
    let log = Log()
    let model = DynamicBatchModel(maxBatch: 8, timeout: .seconds(3600)) { (requests: [Int]) in
      log.add(requests)
      return requests.map { $0 * $0 }
    }
    let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
      for number in 0..<8 { group.addTask { (number, try await model(number)) } }
      return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
    }
    #expect(answers == Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, $0 * $0) }))
    #expect(log.batches.map(\.count) == [8])
  }

  @Test("a request alone is run after the timeout")
  func timeout() async throws {
    let model = DynamicBatchModel(maxBatch: 8, timeout: .milliseconds(5)) { (requests: [Int]) in requests }
    #expect(try await model(7) == 7)
  }

  @Test("requests of like length go together, and those of another kind apart")
  func grouping() async throws {
    let (log, gate) = (Log(), Gate())
    let model = DynamicBatchModel(
      maxBatch: 2, timeout: .zero, length: { $0 % 100 }, kind: { $0 >= 100 ? "large" : "small" }
    ) { (requests: [Int]) in
      log.add(requests)
      await gate.pass()
      return requests
    }
    let first = Task { try await model(50) }
    while log.batches.isEmpty { await Task.yield() }
    let others = [1, 90, 2, 91, 101, 102].map { request in Task { try await model(request) } }
    await wait(for: 6, in: model)
    await gate.open()
    for task in [first] + others { _ = try await task.value }
    #expect(Set(log.batches.dropFirst().map { Set($0) }) == [[1, 2], [90, 91], [101, 102]])
  }

  @Test("urgent requests go first, however long others have waited", arguments: [Duration.zero, .seconds(3600)])
  func priorities(timeout: Duration) async throws {
    let (log, gate) = (Log(), Gate())
    let model = DynamicBatchModel(maxBatch: 1, timeout: timeout) { (requests: [Int]) in
      log.add(requests)
      await gate.pass()
      return requests
    }
    let first = Task { try await model(0) }
    while log.batches.isEmpty { await Task.yield() }
    let others = [(1, RequestPriority.low), (2, .normal), (3, .high)].map { request, priority in
      Task { try await model(request, priority: priority) }
    }
    await wait(for: 3, in: model)
    await gate.open()
    for task in [first] + others { _ = try await task.value }
    #expect(log.batches == [[0], [3], [2], [1]])
  }

  @Test("an urgent request is not left behind for one of its leader's length")
  func urgentTogether() async throws {
    let (log, gate) = (Log(), Gate())
    let model = DynamicBatchModel(maxBatch: 2, timeout: .zero, length: { $0 }) { (requests: [Int]) in
      log.add(requests)
      await gate.pass()
      return requests
    }
    let first = Task { try await model(0) }
    while log.batches.isEmpty { await Task.yield() }
    var others: [Task<Int, any Error>] = []
    for (request, priority) in [(10, RequestPriority.high), (11, .normal), (90, .high)] {
      others.append(Task { try await model(request, priority: priority) })
      await wait(for: others.count, in: model)
    }
    await gate.open()
    for task in [first] + others { _ = try await task.value }
    #expect(log.batches == [[0], [10, 90], [11]])
  }

  @Test("none waits for ever behind urgent ones")
  func noStarvation() async throws {
    let (log, gate) = (Log(), Gate())
    let model = DynamicBatchModel(maxBatch: 1, timeout: .zero) { (requests: [Int]) in
      log.add(requests)
      await gate.pass()
      return requests
    }
    let first = Task { try await model(0) }
    while log.batches.isEmpty { await Task.yield() }
    let patient = Task { try await model(-1, priority: .low) }
    await wait(for: 1, in: model)
    let urgent = (1...40).map { number in Task { try await model(number, priority: .high) } }
    await wait(for: 41, in: model)
    await gate.open()
    for task in [first, patient] + urgent { _ = try await task.value }
    #expect(log.batches.firstIndex(of: [-1]) == 17)
  }

  @Test("a full queue refuses at once")
  func fullQueue() async throws {
    let gate = Gate()
    let model = DynamicBatchModel(maxBatch: 1, timeout: .zero, queueLimit: 2) { (requests: [Int]) in
      await gate.pass()
      return requests
    }
    let others = (0..<3).map { number in Task { try await model(number) } }
    await wait(for: 2, in: model)
    await #expect(throws: BatchingError.queueFull(limit: 2)) { try await model(3) }
    await gate.open()
    for (number, task) in others.enumerated() { #expect(try await task.value == number) }
  }

  @Test("a deadline is kept, whether the request waits or runs")
  func deadlines() async throws {
    let gate = Gate()
    let model = DynamicBatchModel(maxBatch: 1, timeout: .zero) { (requests: [Int]) in
      await gate.pass()
      return requests
    }
    let first = Task { try await model(1, deadline: .now + .milliseconds(30)) }
    let second = Task { try await model(2, deadline: .now + .milliseconds(40)) }
    await #expect(throws: BatchingError.deadlineExceeded) { try await first.value }
    await #expect(throws: BatchingError.deadlineExceeded) { try await second.value }
    let third = Task { try await model(3) }
    await gate.open()
    #expect(try await third.value == 3)
  }

  @Test("a failing request takes no other with it")
  func failures() async throws {
    let model = DynamicBatchModel(maxBatch: 4, timeout: .milliseconds(50)) { (requests: [Int]) in
      if requests.contains(2) { throw BadRequest() }
      return requests
    }
    let tasks = (0..<4).map { number in Task { try await model(number) } }
    for (number, task) in tasks.enumerated() {
      if number == 2 {
        await #expect(throws: BadRequest()) { try await task.value }
      } else {
        #expect(try await task.value == number)
      }
    }
  }

  @Test("a model that gives too few answers is an error of those requests")
  func wrongCount() async throws {
    let model = DynamicBatchModel(maxBatch: 2, timeout: .zero) { (_: [Int]) in [Int]() }
    await #expect(throws: BatchingError.wrongAnswerCount(requests: 1, answers: 0)) { try await model(1) }
  }

  @Test("draining answers all that came and takes no more")
  func drains() async throws {
    let model = DynamicBatchModel(maxBatch: 8, timeout: .seconds(60)) { (requests: [Int]) in requests }
    let tasks = (0..<3).map { number in Task { try await model(number) } }
    await wait(for: 3, in: model)
    await model.drain()
    for (number, task) in tasks.enumerated() { #expect(try await task.value == number) }
    await #expect(throws: BatchingError.closed) { try await model(4) }
    await model.drain()
  }

  @Test("with random cancellations and deadlines, every request is answered exactly once")
  func storm() async throws {
    let model = DynamicBatchModel(maxBatch: 16, timeout: .milliseconds(1), queueLimit: 100_000) {
      (requests: [Int]) in
      await Task.yield()
      return requests.map { -$0 }
    }
    // A continuation that is resumed twice traps, one that never is leaves the group waiting.
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<10_000 {
        group.addTask {
          let random = number &* 2_654_435_761 % 100
          let deadline: ContinuousClock.Instant? = random < 10 ? .now + .microseconds(random * 200) : nil
          let task = Task { try await model(number, deadline: deadline) }
          if random > 90 { task.cancel() }
          switch await task.result {
          case .success(let answer): return answer == -number ? "answered" : "wrong"
          case .failure(is CancellationError): return random > 90 ? "cancelled" : "wrong"
          case .failure(BatchingError.deadlineExceeded): return deadline != nil ? "late" : "wrong"
          case .failure: return "wrong"
          }
        }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(outcomes["wrong"] == nil, "\(outcomes)")
    #expect(outcomes["answered", default: 0] >= 8000, "\(outcomes)")
    #expect(outcomes["cancelled", default: 0] > 0, "\(outcomes)")
    #expect(outcomes.values.reduce(0, +) == 10_000)
  }

  @Test("tensors are stacked, run and taken apart")
  func tensors() async throws {
    let layer = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
    let model = DynamicBatchModel(try layer.compiled(for: pattern([2, 4], 1)), maxBatch: 4)
    let eager = DynamicBatchModel(layer, maxBatch: 4)
    for phase in 0..<3 {
      let x = pattern([4], Double(phase))
      let expected = noGradient { layer(x.expanded(0)) }.reshaped([2])
      #expect(largestDifference(try await model(x), expected) < 1e-6)
      #expect(largestDifference(try await eager(x), expected) < 1e-6)
    }
  }

  @Test("a program without a batch in its output is an error of its requests")
  func noBatch() async throws {
    let program = try Program([("x", TensorSpec(.float32, Shape([.symbol("batch"), 4])))]) { [("sum", $0["x"]!.sum())] }
    let model = DynamicBatchModel(program, maxBatch: 1)
    await #expect(throws: BatchingError.wrongAnswerCount(requests: 1, answers: 0)) { try await model(pattern([4], 1)) }
  }

  @Test("queue time, batch sizes, latencies and outcomes go to swift-metrics")
  func metrics() async throws {
    let metrics = TestMetrics()
    let model = withMetricsFactory(metrics) {
      DynamicBatchModel(name: "squares", maxBatch: 2, timeout: .milliseconds(20)) { (x: [Int]) in x }
    }
    async let first = model(1)
    async let second = model(2)
    #expect(try await [first, second] == [1, 2])
    let dimensions = [("model", "squares")]
    #expect(try metrics.expectCounter("deepseek.batching.answered", dimensions).totalValue == 2)
    #expect(try metrics.expectRecorder("deepseek.batching.batch_size", dimensions).values.reduce(0, +) == 2)
    #expect(try metrics.expectTimer("deepseek.batching.latency", dimensions).values.count == 2)
    #expect(try metrics.expectTimer("deepseek.batching.queue_time", dimensions).values.count == 2)
  }
}
