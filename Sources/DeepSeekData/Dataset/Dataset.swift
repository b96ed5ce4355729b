/// A sequence of examples that is read when it is iterated, however long it is.
///
/// ```swift
/// let train = try Dataset.fromParquet("train.parquet")
///   .shuffle(buffer: 10_000, seed: 7)
///   .map { row in try row.string("text") }
///   .batch(64)
/// let iterator = try train.makeIterator()
/// while let batch = try iterator.next() { … }
/// ```
///
/// A step takes memory for what it must hold, never for the whole: a shuffle its buffer, a batch one batch, a file a
/// piece of it. Every order is a function of the seeds, so a run repeats, on any number of threads. An iterator's
/// ``DatasetIterator/state`` says where it is, and an iterator made from it goes on exactly there.
public struct Dataset<Example: Sendable>: Sendable {
  let makeStream: @Sendable (_ epoch: Int) throws(DataError) -> ExampleStream<Example>

  init(_ makeStream: @escaping @Sendable (_ epoch: Int) throws(DataError) -> ExampleStream<Example>) {
    self.makeStream = makeStream
  }

  /// The elements of an array, in order.
  public init(_ examples: [Example]) {
    self.init { (_) throws(DataError) in
      IndexedStream(count: examples.count) { (index) throws(DataError) in examples[index] }
    }
  }

  /// What `element` gives for 0 ..< count, asked when it is needed.
  public init(count: Int, _ element: @escaping @Sendable (Int) throws -> Example) {
    self.init { (_) throws(DataError) in
      IndexedStream(count: max(0, count)) { (index) throws(DataError) in try DataError.wrapping { try element(index) } }
    }
  }

  /// Begins a pass. The epoch, from 0, changes the order in which `shuffle` gives examples, and nothing else.
  public func makeIterator(epoch: Int = 0) throws(DataError) -> DatasetIterator<Example> {
    DatasetIterator(try makeStream(epoch), epoch: epoch)
  }

  /// Goes on where an iterator of the same pipeline over the same data stood when its state was taken: the same examples
  /// follow. Cost: what it takes to step over those before, which files with row groups and arrays do without reading.
  public func makeIterator(from state: DatasetState) throws(DataError) -> DatasetIterator<Example> {
    try state.check("iterator", counts: 1, inner: 1)
    let stream = try makeStream(state.counts[0])
    try stream.restore(state.inner[0])
    return DatasetIterator(stream, epoch: state.counts[0])
  }

  /// All examples in memory.
  public func elements(epoch: Int = 0) throws(DataError) -> [Example] {
    var result: [Example] = []
    let iterator = try makeIterator(epoch: epoch)
    while let example = try iterator.next() { result.append(example) }
    return result
  }

  /// The number of examples, by counting them: a pass over the data, as cheap as the source can skip.
  public func count() throws(DataError) -> Int { try makeStream(0).skip(.max) }

  /// Calls `body` with each example.
  public func forEach(epoch: Int = 0, _ body: (Example) throws -> Void) throws {
    let iterator = try makeIterator(epoch: epoch)
    while let example = try iterator.next() { try body(example) }
  }
}

/// One pass over a data set. For one thread at a time.
public final class DatasetIterator<Example: Sendable> {
  private let stream: ExampleStream<Example>
  private let epoch: Int
  private var hasFailed = false

  init(_ stream: ExampleStream<Example>, epoch: Int) {
    self.stream = stream
    self.epoch = epoch
  }

  /// The next example; `nil` at the end.
  /// - Throws: ``DataError``: what a file has wrong, or what a step's function threw (``DataError/underlying``). The
  ///   pass is over then.
  public func next() throws(DataError) -> Example? {
    if hasFailed { return nil }
    do throws(DataError) {
      return try stream.next()
    } catch {
      hasFailed = true
      throw error
    }
  }

  /// Where the pass stands: after the examples given so far, whatever was read ahead.
  public var state: DatasetState { DatasetState("iterator", [epoch], inner: [stream.state()]) }
}

extension DataError {
  /// Runs a function of the user's, whose errors become this module's.
  static func wrapping<Result>(_ body: () throws -> Result) throws(DataError) -> Result {
    do {
      return try body()
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError(.stepFailed, "\(error)", underlying: error)
    }
  }
}

/// Random numbers by position in the stream of a seed: SplitMix64, which can begin anywhere.
struct SeededGenerator {
  private var word: UInt64

  /// The stream of a seed and a second number that sets streams of one seed apart.
  init(seed: UInt64, stream: Int = 0) {
    word = SeededGenerator.mix(seed &+ SeededGenerator.mix(UInt64(bitPattern: Int64(stream)) &+ SeededGenerator.step))
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ word: UInt64) -> UInt64 {
    var word = word
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func next() -> UInt64 {
    word &+= SeededGenerator.step
    return SeededGenerator.mix(word)
  }

  /// A number below `bound`, which must be positive; by multiplication, so that it is the same in every version of Swift.
  mutating func next(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }

  /// A number from 0 to just below 1 for a place in the stream.
  static func fraction(seed: UInt64, at position: Int) -> Double {
    var generator = SeededGenerator(seed: seed, stream: position)
    return Double(generator.next() >> 11) * 0x1p-53
  }
}
