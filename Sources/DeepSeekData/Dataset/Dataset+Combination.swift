extension Dataset {
  /// All examples again and again, `count` times, or for ever when it is `nil`. Every pass is a new epoch: `shuffle`
  /// before it gives another order.
  public func `repeat`(_ count: Int? = nil) -> Dataset {
    Dataset { (epoch) throws(DataError) in RepeatStream(self, first: epoch, count: count) }
  }

  /// These examples, then those of others.
  public func concatenate(_ others: Dataset...) -> Dataset {
    Dataset.concatenating([self] + others)
  }

  /// The examples of all, one data set after the other.
  public static func concatenating(_ parts: [Dataset]) -> Dataset {
    Dataset { (epoch) throws(DataError) in ConcatenateStream(parts, epoch: epoch) }
  }

  /// Pairs of examples; as many as the shorter has.
  public func zip<Other: Sendable>(_ other: Dataset<Other>) -> Dataset<(Example, Other)> {
    Dataset<(Example, Other)> { (epoch) throws(DataError) in
      ZipStream(try makeStream(epoch), try other.makeStream(epoch))
    }
  }

  /// The examples with their positions, from 0.
  public func enumerated() -> Dataset<(Int, Example)> {
    Dataset<Int>(count: .max) { $0 }.zip(self)
  }
}

private final class RepeatStream<Example: Sendable>: ExampleStream<Example> {
  private let dataset: Dataset<Example>
  private let first: Int
  private let count: Int?
  private var pass = 0
  private var stream: ExampleStream<Example>?
  private var isPassEmpty = true

  init(_ dataset: Dataset<Example>, first: Int, count: Int?) {
    self.dataset = dataset
    self.first = first
    self.count = count
  }

  private func current() throws(DataError) -> ExampleStream<Example>? {
    if let count, pass >= count { return nil }
    if stream == nil {
      stream = try dataset.makeStream(first &+ pass)
      isPassEmpty = true
    }
    return stream
  }

  override func next() throws(DataError) -> Example? {
    while let stream = try current() {
      if let example = try stream.next() {
        isPassEmpty = false
        return example
      }
      // Nothing, again and again, is nothing.
      if isPassEmpty { return nil }
      self.stream = nil
      pass += 1
    }
    return nil
  }

  override func state() -> DatasetState {
    DatasetState("repeat", [pass, isPassEmpty ? 0 : 1], inner: stream.map { [$0.state()] } ?? [])
  }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("repeat", counts: 2, inner: min(state.inner.count, 1))
    pass = state.counts[0]
    if let inner = state.inner.first {
      guard let stream = try current() else { return }
      try stream.restore(inner)
      isPassEmpty = state.counts[1] == 0
    }
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    var skipped = 0
    while skipped < wanted, let stream = try current() {
      let step = try stream.skip(wanted - skipped)
      skipped += step
      if step > 0 { isPassEmpty = false }
      if skipped == wanted { break }
      if isPassEmpty { break }
      self.stream = nil
      pass += 1
    }
    return skipped
  }
}

private final class ConcatenateStream<Example: Sendable>: ExampleStream<Example> {
  private let parts: [Dataset<Example>]
  private let epoch: Int
  private var part = 0
  private var stream: ExampleStream<Example>?

  init(_ parts: [Dataset<Example>], epoch: Int) {
    self.parts = parts
    self.epoch = epoch
  }

  private func current() throws(DataError) -> ExampleStream<Example>? {
    guard part < parts.count else { return nil }
    if stream == nil { stream = try parts[part].makeStream(epoch) }
    return stream
  }

  private func advance() {
    stream = nil
    part += 1
  }

  override func next() throws(DataError) -> Example? {
    while let stream = try current() {
      if let example = try stream.next() { return example }
      advance()
    }
    return nil
  }

  override func state() -> DatasetState {
    DatasetState("concatenate", [part], inner: stream.map { [$0.state()] } ?? [])
  }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("concatenate", counts: 1, inner: min(state.inner.count, 1))
    part = state.counts[0]
    if let inner = state.inner.first, let stream = try current() { try stream.restore(inner) }
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    var skipped = 0
    while skipped < wanted, let stream = try current() {
      skipped += try stream.skip(wanted - skipped)
      if skipped < wanted { advance() }
    }
    return skipped
  }
}

private final class ZipStream<First: Sendable, Second: Sendable>: ExampleStream<(First, Second)> {
  private let first: ExampleStream<First>
  private let second: ExampleStream<Second>

  init(_ first: ExampleStream<First>, _ second: ExampleStream<Second>) {
    self.first = first
    self.second = second
  }

  override func next() throws(DataError) -> (First, Second)? {
    guard let one = try first.next(), let other = try second.next() else { return nil }
    return (one, other)
  }

  override func state() -> DatasetState { DatasetState("zip", inner: [first.state(), second.state()]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("zip", counts: 0, inner: 2)
    try first.restore(state.inner[0])
    try second.restore(state.inner[1])
  }

  override func skip(_ count: Int) throws(DataError) -> Int {
    let skipped = try second.skip(try first.skip(count))
    return skipped
  }
}
