extension Dataset {
  /// Examples in groups of `size`, in order. The last may be smaller, unless `dropRemainder` leaves it out.
  public func batch(_ size: Int, dropRemainder: Bool = false) -> Dataset<[Example]> {
    if size < 1 { fatalError("Dataset.batch: a batch of \(size) examples; at least 1 is needed") }
    return Dataset<[Example]> { (epoch) throws(DataError) in
      BatchStream(try makeStream(epoch), size: size, dropsRemainder: dropRemainder)
    }
  }

  /// Examples in batches of similar length, so that padding is short. A batch is given when its bucket is full; what is
  /// left in buckets at the end follows, shortest first.
  ///
  /// - Parameters:
  ///   - boundaries: Ascending lengths: bucket i holds examples shorter than boundary i, the last those that are longer
  ///     than all.
  ///   - batchSizes: How many examples make a batch, for each bucket: one more than there are boundaries. Traps otherwise.
  ///   - dropRemainder: Whether batches that are not full at the end are left out.
  ///   - length: The length of an example.
  public func bucketByLength(
    boundaries: [Int], batchSizes: [Int], dropRemainder: Bool = false,
    length: @escaping @Sendable (Example) -> Int
  ) -> Dataset<[Example]> {
    guard batchSizes.count == boundaries.count + 1, batchSizes.allSatisfy({ $0 > 0 }),
      Swift.zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      fatalError("Dataset.bucketByLength: \(boundaries.count) ascending boundaries need one more positive batch size")
    }
    return Dataset<[Example]> { (epoch) throws(DataError) in
      BucketStream(
        try makeStream(epoch), boundaries: boundaries, sizes: batchSizes, dropsRemainder: dropRemainder, length)
    }
  }
}

private final class BatchStream<Example: Sendable>: ExampleStream<[Example]> {
  private let source: ExampleStream<Example>
  private let size: Int
  private let dropsRemainder: Bool

  init(_ source: ExampleStream<Example>, size: Int, dropsRemainder: Bool) {
    self.source = source
    self.size = size
    self.dropsRemainder = dropsRemainder
  }

  override func next() throws(DataError) -> [Example]? {
    var batch: [Example] = []
    while batch.count < size, let example = try source.next() { batch.append(example) }
    return batch.isEmpty || dropsRemainder && batch.count < size ? nil : batch
  }

  override func state() -> DatasetState { DatasetState("batch", inner: [source.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("batch", counts: 0, inner: 1)
    try source.restore(state.inner[0])
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    let (wanted, overflow) = count.multipliedReportingOverflow(by: size)
    let skipped = try source.skip(overflow ? .max : wanted)
    return dropsRemainder ? skipped / size : (skipped + size - 1) / size
  }
}

private final class BucketStream<Example: Sendable>: ExampleStream<[Example]> {
  private let source: ExampleStream<Example>
  private let boundaries: [Int]
  private let sizes: [Int]
  private let dropsRemainder: Bool
  private let length: (Example) -> Int
  private var buckets: [[Example]]
  /// Which examples of the source the buckets hold.
  private var ordinals: [[Int]]
  private var consumed = 0

  init(
    _ source: ExampleStream<Example>, boundaries: [Int], sizes: [Int], dropsRemainder: Bool,
    _ length: @escaping (Example) -> Int
  ) {
    self.source = source
    self.boundaries = boundaries
    self.sizes = sizes
    self.dropsRemainder = dropsRemainder
    self.length = length
    buckets = sizes.map { _ in [] }
    ordinals = sizes.map { _ in [] }
  }

  override func next() throws(DataError) -> [Example]? {
    while let example = try source.next() {
      let length = length(example)
      let bucket = boundaries.firstIndex { length < $0 } ?? boundaries.count
      buckets[bucket].append(example)
      ordinals[bucket].append(consumed)
      consumed += 1
      if buckets[bucket].count == sizes[bucket] { return empty(bucket) }
    }
    guard !dropsRemainder, let bucket = buckets.firstIndex(where: { !$0.isEmpty }) else { return nil }
    return empty(bucket)
  }

  private func empty(_ bucket: Int) -> [Example] {
    defer {
      buckets[bucket] = []
      ordinals[bucket] = []
    }
    return buckets[bucket]
  }

  override func state() -> DatasetState {
    DatasetState("bucketByLength", [consumed] + ordinals.flatMap { [$0.count] + $0 })
  }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("bucketByLength", counts: nil, inner: 0)
    var rest = state.counts[...]
    let consumed = rest.popFirst() ?? 0
    var held: [(ordinal: Int, bucket: Int)] = []
    for bucket in sizes.indices {
      guard let count = rest.popFirst(), count <= rest.count, count < sizes[bucket] else {
        throw DataError(.stateMismatch, "the state was saved with other buckets")
      }
      held += rest.prefix(count).map { ($0, bucket) }
      rest = rest.dropFirst(count)
    }
    guard rest.isEmpty else { throw DataError(.stateMismatch, "the state was saved with other buckets") }
    held.sort { $0.ordinal < $1.ordinal }
    let examples = try source.collect(held.map(\.ordinal), thenTo: consumed)
    for (place, example) in zip(held, examples) {
      buckets[place.bucket].append(example)
      ordinals[place.bucket].append(place.ordinal)
    }
    self.consumed = consumed
  }
}
