extension Dataset {
  /// The first `count` examples.
  public func take(_ count: Int) -> Dataset {
    Dataset { (epoch) throws(DataError) in TakeStream(try makeStream(epoch), count: max(0, count)) }
  }

  /// All but the first `count` examples.
  public func skip(_ count: Int) -> Dataset {
    Dataset { (epoch) throws(DataError) in SkipStream(try makeStream(epoch), count: max(0, count)) }
  }

  /// Every `count`-th example, from the one at `rank` on: the part of one of several processes. Put it before a shuffle, so
  /// that no example is given to two. `rank` must lie in `0 ..< count`; traps otherwise.
  public func shard(rank: Int, of count: Int) -> Dataset {
    if !(0..<max(count, 0)).contains(rank) {
      fatalError("Dataset.shard: rank \(rank) of \(count); it must be from 0 to one less than the count")
    }
    return Dataset { (epoch) throws(DataError) in ShardStream(try makeStream(epoch), rank: rank, count: count) }
  }

  /// Two parts with no example in common. Which part an example goes to is drawn from the seed and its position, so both
  /// can be read at any time, and neither needs the number of examples.
  ///
  /// - Parameter fraction: How likely an example goes to the first part, from 0 to 1.
  public func split(_ fraction: Double, seed: UInt64 = 0) -> (first: Dataset, second: Dataset) {
    func part(_ isFirst: Bool) -> Dataset {
      Dataset { (epoch) throws(DataError) in
        SplitStream(try makeStream(epoch)) { position in
          (SeededGenerator.fraction(seed: seed, at: position) < fraction) == isFirst
        }
      }
    }
    return (part(true), part(false))
  }
}

private final class TakeStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let count: Int
  private var given = 0

  init(_ source: ExampleStream<Example>, count: Int) {
    self.source = source
    self.count = count
  }

  override func next() throws(DataError) -> Example? {
    guard given < count, let example = try source.next() else { return nil }
    given += 1
    return example
  }

  override func state() -> DatasetState { DatasetState("take", [given], inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("take", counts: 1, inner: 1)
    try source.restore(state.inner[0])
    given = state.counts[0]
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    guard given < count else { return 0 }
    let skipped = try source.skip(min(wanted, count - given))
    given += skipped
    return skipped
  }
}

private final class SkipStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let count: Int
  private var hasSkipped = false

  init(_ source: ExampleStream<Example>, count: Int) {
    self.source = source
    self.count = count
  }

  private func begin() throws(DataError) {
    if hasSkipped { return }
    hasSkipped = true
    _ = try source.skip(count)
  }

  override func next() throws(DataError) -> Example? {
    try begin()
    return try source.next()
  }

  override func state() -> DatasetState { DatasetState("skip", [hasSkipped ? 1 : 0], inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("skip", counts: 1, inner: 1)
    try source.restore(state.inner[0])
    hasSkipped = state.counts[0] == 1
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    try begin()
    return try source.skip(wanted)
  }
}

private final class ShardStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let count: Int
  /// Examples of the source before the next of this part.
  private var ahead: Int

  init(_ source: ExampleStream<Example>, rank: Int, count: Int) {
    self.source = source
    self.count = count
    ahead = rank
  }

  override func next() throws(DataError) -> Example? {
    if ahead > 0, try source.skip(ahead) < ahead { return nil }
    ahead = count - 1
    return try source.next()
  }

  override func state() -> DatasetState { DatasetState("shard", [ahead], inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("shard", counts: 1, inner: 1)
    guard state.counts[0] < count else { throw DataError(.stateMismatch, "the state was saved with other shards") }
    try source.restore(state.inner[0])
    ahead = state.counts[0]
  }
}

private final class SplitStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let isIncluded: (Int) -> Bool
  private var position = 0

  init(_ source: ExampleStream<Example>, _ isIncluded: @escaping (Int) -> Bool) {
    self.source = source
    self.isIncluded = isIncluded
  }

  override func next() throws(DataError) -> Example? {
    while true {
      position += 1
      if isIncluded(position - 1) {
        if let example = try source.next() { return example }
        return nil
      }
      if try source.skip(1) == 0 { return nil }
    }
  }

  override func state() -> DatasetState { DatasetState("split", [position], inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("split", counts: 1, inner: 1)
    try source.restore(state.inner[0])
    position = state.counts[0]
  }
}
