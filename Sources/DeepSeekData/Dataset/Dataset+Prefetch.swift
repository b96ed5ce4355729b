import Foundation
import Synchronization

extension Dataset {
  /// Prepares up to `count` examples ahead on a thread of its own, while those before are used.
  ///
  /// Order and state are as without: the state is that of the examples given, not of those prepared.
  public func prefetch(_ count: Int) -> Dataset {
    if count < 1 { fatalError("Dataset.prefetch: \(count) examples ahead; at least 1 is needed") }
    return Dataset { (epoch) throws(DataError) in PrefetchStream(try makeStream(epoch), depth: count) }
  }

  /// Keeps the examples of the first whole pass in memory, for all passes after it by any iterator of this data set.
  /// Takes memory for all of them. Their order is that of the first epoch, whichever epoch fills the cache: so a run that
  /// goes on in a new process sees what it would have seen. Shuffle after it for another order each time.
  public func cache() -> Dataset {
    let store = CacheStore<Example>()
    return Dataset { (_) throws(DataError) in
      if let examples = store.examples { return CacheStream(cached: examples) }
      return CacheStream(recording: try makeStream(0), into: store)
    }
  }
}

/// The examples between the thread that prepares them and the one that uses them.
private final class PrefetchQueue<Example: Sendable>: @unchecked Sendable {
  // Everything is read and written with `condition` locked, save `source`, which belongs to the thread once it runs.
  private let condition = NSCondition()
  private let depth: Int
  private let source: ExampleStream<Example>
  private var ready: [(result: Result<Example?, DataError>, state: DatasetState)] = []
  private var isCancelled = false

  init(_ source: ExampleStream<Example>, depth: Int) {
    self.source = source
    self.depth = depth
  }

  func run() {
    while true {
      let result = Result { () throws(DataError) in try source.next() }
      let state = source.state()
      condition.lock()
      while ready.count >= depth && !isCancelled { condition.wait() }
      if isCancelled {
        condition.unlock()
        return
      }
      ready.append((result, state))
      condition.broadcast()
      condition.unlock()
      guard case .success(.some) = result else { return }
    }
  }

  func next() -> (result: Result<Example?, DataError>, state: DatasetState) {
    condition.lock()
    defer { condition.unlock() }
    while ready.isEmpty { condition.wait() }
    condition.broadcast()
    return ready.removeFirst()
  }

  func cancel() {
    condition.lock()
    isCancelled = true
    condition.broadcast()
    condition.unlock()
  }
}

private final class PrefetchStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let depth: Int
  private var queue: PrefetchQueue<Example>?
  private var given: DatasetState
  private var hasEnded = false

  init(_ source: ExampleStream<Example>, depth: Int) {
    self.source = source
    self.depth = depth
    given = source.state()
  }

  deinit { queue?.cancel() }

  override func next() throws(DataError) -> Example? {
    if hasEnded { return nil }
    if queue == nil {
      let queue = PrefetchQueue(source, depth: depth)
      let thread = Thread { queue.run() }
      thread.name = "deepseek-prefetch"
      thread.start()
      self.queue = queue
    }
    let (result, state) = queue!.next()
    given = state
    do throws(DataError) {
      let example = try result.get()
      hasEnded = example == nil
      return example
    } catch {
      hasEnded = true
      throw error
    }
  }

  override func state() -> DatasetState { DatasetState("prefetch", inner: [given]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("prefetch", counts: 0, inner: 1)
    try source.restore(state.inner[0])
    given = state.inner[0]
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    if queue != nil { return try super.skip(count) }
    let skipped = try source.skip(count)
    given = source.state()
    return skipped
  }
}

/// What a cache remembers.
private final class CacheStore<Example: Sendable>: Sendable {
  private let kept = Mutex<[Example]?>(nil)

  var examples: [Example]? { kept.withLock { $0 } }

  func keep(_ examples: [Example]) { kept.withLock { if $0 == nil { $0 = examples } } }
}

/// Reads from memory, or from the source while recording. Only a pass from the very start is recorded.
private final class CacheStream<Example: Sendable>: ExampleStream<Example> {
  private var cached: [Example]?
  private let source: ExampleStream<Example>?
  private let store: CacheStore<Example>?
  private var recorded: [Example]? = []
  private var position = 0

  init(cached: [Example]) {
    self.cached = cached
    source = nil
    store = nil
  }

  init(recording source: ExampleStream<Example>, into store: CacheStore<Example>) {
    cached = nil
    self.source = source
    self.store = store
  }

  override func next() throws(DataError) -> Example? {
    if let cached {
      guard position < cached.count else { return nil }
      position += 1
      return cached[position - 1]
    }
    guard let source, let example = try source.next() else {
      if let recorded { store?.keep(recorded) }
      recorded = nil
      return nil
    }
    position += 1
    recorded?.append(example)
    return example
  }

  override func state() -> DatasetState { DatasetState("cache", [position]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("cache", counts: 1, inner: 0)
    try skipAll(state.counts[0])
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    if let cached {
      let skipped = min(count, cached.count - position)
      position += skipped
      return skipped
    }
    recorded = nil
    let skipped = try source?.skip(count) ?? 0
    position += skipped
    return skipped
  }
}
