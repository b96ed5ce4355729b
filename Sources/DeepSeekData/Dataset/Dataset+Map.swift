import DeepSeekTensor
import Synchronization

extension Dataset {
  /// What `transform` makes of each example, in order.
  ///
  /// Examples are transformed on the framework's threads, `parallelism` at a time; `transform` must not depend on the order
  /// in which it is called.
  ///
  /// - Parameter parallelism: How many examples are read ahead and transformed together; 1 for one by one on the caller's
  ///   thread. `nil` takes some for every thread.
  public func map<Result: Sendable>(
    parallelism: Int? = nil, _ transform: @escaping @Sendable (Example) throws -> Result
  ) -> Dataset<Result> {
    let block = max(1, parallelism ?? Parallel.threadCount * 8)
    return Dataset<Result> { (epoch) throws(DataError) in
      MapStream(try makeStream(epoch), block: block, transform)
    }
  }

  /// The examples for which `isIncluded` holds.
  public func filter(_ isIncluded: @escaping @Sendable (Example) throws -> Bool) -> Dataset {
    Dataset { (epoch) throws(DataError) in FilterStream(try makeStream(epoch), isIncluded) }
  }

  /// What `transform` makes of each example, without those for which it gives `nil`.
  public func compactMap<Result: Sendable>(
    parallelism: Int? = nil, _ transform: @escaping @Sendable (Example) throws -> Result?
  ) -> Dataset<Result> {
    map(parallelism: parallelism, transform).filter { $0 != nil }.map(parallelism: 1) { $0! }
  }
}

/// Reads a block of examples, transforms them together, and gives them one by one.
private final class MapStream<Input: Sendable, Output: Sendable>: ExampleStream<Output> {
  private let source: ExampleStream<Input>
  private let block: Int
  private let transform: @Sendable (Input) throws -> Output
  private var ready: [Result<Output, DataError>] = []
  private var given = 0
  /// An error of the source behind the examples that are ready.
  private var sourceError: DataError?
  /// Where the source stood before the block that is ready.
  private var blockState: DatasetState

  init(_ source: ExampleStream<Input>, block: Int, _ transform: @escaping @Sendable (Input) throws -> Output) {
    self.source = source
    self.block = block
    self.transform = transform
    blockState = source.state()
  }

  override func next() throws(DataError) -> Output? {
    if given == ready.count {
      if let sourceError { throw sourceError }
      fill()
      if ready.isEmpty {
        if let sourceError { throw sourceError }
        return nil
      }
    }
    given += 1
    return try ready[given - 1].get()
  }

  private func fill() {
    blockState = source.state()
    given = 0
    var inputs: [Input] = []
    inputs.reserveCapacity(block)
    do throws(DataError) {
      while inputs.count < block, let input = try source.next() { inputs.append(input) }
    } catch {
      sourceError = error
    }
    let examples = inputs
    if examples.count < 2 {
      ready = examples.map { input in run(input) }
      return
    }
    let results = Mutex([Result<Output, DataError>?](repeating: nil, count: examples.count))
    let transform = transform
    Parallel.forEach(examples.count) { range in
      for index in range {
        let result = MapStream.run(examples[index], transform)
        results.withLock { $0[index] = result }
      }
    }
    ready = results.withLock { $0.map { $0! } }
  }

  private func run(_ input: Input) -> Result<Output, DataError> { MapStream.run(input, transform) }

  private static func run(
    _ input: Input, _ transform: @Sendable (Input) throws -> Output
  ) -> Result<Output, DataError> {
    Result { () throws(DataError) in try DataError.wrapping { try transform(input) } }
  }

  override func state() -> DatasetState {
    given == ready.count
      ? DatasetState("map", [0], inner: [source.state()]) : DatasetState("map", [given], inner: [blockState])
  }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("map", counts: 1, inner: 1)
    try source.restore(state.inner[0])
    try source.skipAll(state.counts[0])
    blockState = source.state()
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    let waiting = min(count, ready.count - given)
    given += waiting
    if waiting == count { return count }
    if let sourceError { throw sourceError }
    return waiting + (try source.skip(count - waiting))
  }
}

private final class FilterStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let isIncluded: @Sendable (Example) throws -> Bool

  init(_ source: ExampleStream<Example>, _ isIncluded: @escaping @Sendable (Example) throws -> Bool) {
    self.source = source
    self.isIncluded = isIncluded
  }

  override func next() throws(DataError) -> Example? {
    while let example = try source.next() {
      if try DataError.wrapping({ try isIncluded(example) }) { return example }
    }
    return nil
  }

  override func state() -> DatasetState { DatasetState("filter", inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("filter", counts: 0, inner: 1)
    try source.restore(state.inner[0])
  }
}
