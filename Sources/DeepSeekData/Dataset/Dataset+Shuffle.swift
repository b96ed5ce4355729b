extension Dataset {
  /// The examples in an order drawn from a seed: each next one comes from `buffer` examples that were read ahead.
  ///
  /// With a buffer as large as the data, all orders are equally likely. Every epoch has another order.
  /// A saved state holds two numbers; restoring replays the draws (some nanoseconds each) and reads again what the buffer
  /// held.
  ///
  /// - Parameters:
  ///   - buffer: How many examples are held in memory; at least 1, traps otherwise.
  ///   - seed: What the order is drawn from.
  public func shuffle(buffer: Int, seed: UInt64) -> Dataset {
    if buffer < 1 { fatalError("Dataset.shuffle: a buffer of \(buffer) examples; at least 1 is needed") }
    return Dataset { (epoch) throws(DataError) in
      ShuffleStream(
        try makeStream(epoch), capacity: buffer, generator: SeededGenerator(seed: seed, stream: epoch))
    }
  }
}

private final class ShuffleStream<Example: Sendable>: ExampleStream<Example> {
  private let source: ExampleStream<Example>
  private let capacity: Int
  private let start: SeededGenerator
  private var generator: SeededGenerator
  private var buffer: [Example] = []
  /// Examples given, and examples read from the source.
  private var drawn = 0
  private var consumed = 0
  private var hasEnded = false

  init(_ source: ExampleStream<Example>, capacity: Int, generator: SeededGenerator) {
    self.source = source
    self.capacity = capacity
    start = generator
    self.generator = generator
  }

  override func next() throws(DataError) -> Example? {
    while !hasEnded && buffer.count < capacity {
      if let example = try read() { buffer.append(example) }
    }
    if buffer.isEmpty { return nil }
    drawn += 1
    let index = generator.next(below: buffer.count)
    let example = buffer[index]
    if !hasEnded, let replacement = try read() {
      buffer[index] = replacement
    } else {
      buffer.swapAt(index, buffer.count - 1)
      buffer.removeLast()
    }
    return example
  }

  private func read() throws(DataError) -> Example? {
    if let example = try source.next() {
      consumed += 1
      return example
    }
    hasEnded = true
    return nil
  }

  override func state() -> DatasetState { DatasetState("shuffle", [drawn, consumed]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("shuffle", counts: 2, inner: 0)
    let (drawn, consumed) = (state.counts[0], state.counts[1])
    guard drawn <= consumed, consumed - drawn <= capacity else {
      throw DataError(.stateMismatch, "the state was saved with another shuffle buffer")
    }
    // The draws depend on how many examples the buffer holds, not on which: so they can be replayed with ordinals.
    var held = Array(0..<min(capacity, consumed))
    var following = held.count
    for _ in 0..<drawn {
      let index = generator.next(below: held.count)
      if following < consumed {
        held[index] = following
        following += 1
      } else {
        held.swapAt(index, held.count - 1)
        held.removeLast()
      }
    }
    guard following == consumed else {
      throw DataError(.stateMismatch, "the state was saved with another shuffle buffer")
    }
    let order = held.indices.sorted { held[$0] < held[$1] }
    let examples = try source.collect(order.map { held[$0] }, thenTo: consumed)
    var filled = [Example?](repeating: nil, count: held.count)
    for (place, example) in zip(order, examples) { filled[place] = example }
    buffer = filled.map { $0! }
    self.drawn = drawn
    self.consumed = consumed
  }
}
