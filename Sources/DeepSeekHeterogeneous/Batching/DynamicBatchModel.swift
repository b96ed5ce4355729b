import CoreMetrics

/// Gathers requests that come at the same time into batches, which cost the model less than one by one.
///
/// ```swift
/// let batched = DynamicBatchModel(maxBatch: 32, timeout: .milliseconds(10), length: \.count) { (texts: [String]) in
///   try encoder.encode(texts)
/// }
/// let embedding = try await batched("A man is eating.", deadline: .now + .seconds(1))
/// ```
///
/// A batch starts when it is full, when its oldest request has waited for the timeout, or at once while the model is being
/// drained; one batch runs at a time, unless told otherwise. Requests of like length go together. Every request is answered
/// exactly once: by the model, or with an error of its own. When a batch fails, its requests are run one by one, so that a
/// bad one takes no other with it.
public actor DynamicBatchModel<Request: Sendable, Response: Sendable> {
  /// What answers several requests at once, in their order.
  public typealias Base = @Sendable ([Request]) async throws -> [Response]

  private struct Waiter {
    let continuation: CheckedContinuation<Response, any Error>
    let arrival: ContinuousClock.Instant
  }

  private let base: Base
  private let maxBatch: Int
  private let timeout: Duration
  private let queueLimit: Int
  private let maxRunning: Int
  private let length: @Sendable (Request) -> Int
  private let kind: @Sendable (Request) -> String
  private let metrics: BatchingMetrics
  private let clock = ContinuousClock()

  private var queue = RequestQueue<Request>()
  private var waiters: [Int: Waiter] = [:]
  private var deadlines = DeadlineQueue()
  private var nextID = 0
  private var running = 0
  private var isClosed = false
  private var timer: (time: ContinuousClock.Instant, task: Task<Void, Never>)?
  private var drainers: [CheckedContinuation<Void, Never>] = []

  /// A batching front of a model.
  ///
  /// - Parameters:
  ///   - name: The model's name in metrics.
  ///   - maxBatch: The most requests in a batch.
  ///   - timeout: The longest that a request waits for others.
  ///   - queueLimit: The most requests that wait; the next is refused at once.
  ///   - maxRunning: How many batches may run at a time.
  ///   - length: What a request costs, so that like goes with like.
  ///   - kind: Requests of different kinds never share a batch.
  ///   - base: Answers several requests, in their order.
  public init(
    name: String = "model", maxBatch: Int = 32, timeout: Duration = .milliseconds(10), queueLimit: Int = 1024,
    maxRunning: Int = 1, length: @escaping @Sendable (Request) -> Int = { _ in 0 },
    kind: @escaping @Sendable (Request) -> String = { _ in "" }, _ base: @escaping Base
  ) {
    guard maxBatch > 0, queueLimit > 0, maxRunning > 0, timeout >= .zero else {
      fatalError("DynamicBatchModel: maxBatch, queueLimit and maxRunning must be at least 1, the timeout not negative")
    }
    self.base = base
    self.maxBatch = maxBatch
    self.timeout = timeout
    self.queueLimit = queueLimit
    self.maxRunning = maxRunning
    self.length = length
    self.kind = kind
    metrics = BatchingMetrics(model: name)
  }

  /// The answer to a request.
  ///
  /// - Parameters:
  ///   - priority: Which of the waiting requests go first.
  ///   - deadline: After this the request is given up.
  /// - Throws: ``BatchingError`` when it is refused or too late, `CancellationError` when its task is cancelled, and what
  ///   the model throws for it.
  public func callAsFunction(
    _ request: Request, priority: RequestPriority = .normal, deadline: ContinuousClock.Instant? = nil
  ) async throws -> Response {
    if isClosed { throw BatchingError.closed }
    if queue.count >= queueLimit {
      metrics.refused.increment()
      throw BatchingError.queueFull(limit: queueLimit)
    }
    let id = nextID
    nextID += 1
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let now = clock.now
        waiters[id] = Waiter(continuation: continuation, arrival: now)
        if let deadline { deadlines.insert(deadline, id: id) }
        queue.append(
          RequestQueue.Entry(
            id: id, request: request, length: length(request), kind: kind(request), priority: priority, arrival: now))
        schedule()
      }
    } onCancel: {
      // Runs after the request is in the queue: the actor was busy with that until it suspended.
      Task { await self.cancel(id) }
    }
  }

  /// How many requests wait for a batch.
  public var waitingCount: Int { queue.count }

  /// Takes no more requests, and returns when all that came are answered.
  public func drain() async {
    isClosed = true
    if waiters.isEmpty && running == 0 { return }
    await withCheckedContinuation { continuation in
      drainers.append(continuation)
      schedule()
    }
  }

  private func cancel(_ id: Int) {
    guard answer(id, .failure(CancellationError())) else { return }
    _ = queue.remove(id: id)
    metrics.cancelled.increment()
    schedule()
  }

  /// Answers a request, unless somebody did before.
  @discardableResult
  private func answer(_ id: Int, _ result: Result<Response, any Error>) -> Bool {
    guard let waiter = waiters.removeValue(forKey: id) else { return false }
    metrics.latency.recordNanoseconds((clock.now - waiter.arrival).nanoseconds)
    waiter.continuation.resume(with: result)
    return true
  }

  /// Gives up what is too late, starts the batches that are due, and sets the timer for what comes next.
  private func schedule() {
    let now = clock.now
    while let id = deadlines.popExpired(now: now) {
      guard answer(id, .failure(BatchingError.deadlineExceeded)) else { continue }
      _ = queue.remove(id: id)
      metrics.expired.increment()
    }
    deadlines.dropAnswered { waiters[$0] != nil }
    while running < maxRunning, let oldest = queue.oldest,
      isClosed || queue.count >= maxBatch || oldest + timeout <= now
    {
      start(queue.takeBatch(limit: maxBatch), now)
    }
    if waiters.isEmpty && running == 0 && isClosed {
      for drainer in drainers { drainer.resume() }
      drainers = []
    }
    setTimer()
  }

  private func setTimer() {
    let batch = running < maxRunning ? queue.oldest.map { $0 + timeout } : nil
    let next = [deadlines.first, batch].compactMap { $0 }.min()
    if let timer, timer.time == next { return }
    timer?.task.cancel()
    timer = next.map { time in
      (
        time,
        Task { [weak self] in
          guard (try? await Task.sleep(until: time, clock: .continuous)) != nil else { return }
          await self?.timerFired()
        }
      )
    }
  }

  private func timerFired() {
    timer = nil
    schedule()
  }

  private func start(_ batch: [RequestQueue<Request>.Entry], _ now: ContinuousClock.Instant) {
    running += 1
    metrics.batchSize.record(batch.count)
    for entry in batch { metrics.queueTime.recordNanoseconds((now - entry.arrival).nanoseconds) }
    let base = base
    Task.detached {
      let results = await DynamicBatchModel.results(of: batch.map(\.request), base)
      await self.finish(batch, results)
    }
  }

  /// An answer or an error for each request.
  private static func results(of requests: [Request], _ base: Base) async -> [Result<Response, any Error>] {
    do {
      let answers = try await base(requests)
      guard answers.count == requests.count else {
        throw BatchingError.wrongAnswerCount(requests: requests.count, answers: answers.count)
      }
      return answers.map { .success($0) }
    } catch {
      if requests.count == 1 { return [.failure(error)] }
      var results: [Result<Response, any Error>] = []
      for request in requests { results += await DynamicBatchModel.results(of: [request], base) }
      return results
    }
  }

  private func finish(_ batch: [RequestQueue<Request>.Entry], _ results: [Result<Response, any Error>]) {
    running -= 1
    for (entry, result) in zip(batch, results) where answer(entry.id, result) {
      if case .success = result { metrics.answered.increment() } else { metrics.failed.increment() }
    }
    schedule()
  }
}

extension Duration {
  /// Whole nanoseconds.
  fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
