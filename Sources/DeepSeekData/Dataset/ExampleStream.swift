/// One pass over a step's examples. Used by one thread at a time.
class ExampleStream<Example: Sendable> {
  /// The next example; `nil` at the end, and then for ever.
  func next() throws(DataError) -> Example? { fatalError("ExampleStream: next() is the subclass's") }

  /// Where the pass stands.
  func state() -> DatasetState { fatalError("ExampleStream: state() is the subclass's") }

  /// Brings a pass that has not begun to where `state` was taken.
  func restore(_ state: DatasetState) throws(DataError) { fatalError("ExampleStream: restore(_:) is the subclass's") }

  /// Leaves out up to `count` examples; returns how many there were. As cheap as the step can make it.
  func skip(_ count: Int) throws(DataError) -> Int {
    var skipped = 0
    while skipped < count, try next() != nil { skipped += 1 }
    return skipped
  }

  /// Leaves out exactly `count` examples, which were there when a state was taken.
  final func skipAll(_ count: Int) throws(DataError) {
    guard try skip(count) == count else {
      throw DataError(
        .stateMismatch, "the data has fewer examples than when the state was saved",
        advice: "restore it with the data that it was saved from")
    }
  }

  /// Reads the examples at `ordinals` (ascending) and goes on to `position`, from the start.
  final func collect(_ ordinals: [Int], thenTo position: Int) throws(DataError) -> [Example] {
    var examples: [Example] = []
    examples.reserveCapacity(ordinals.count)
    var reached = 0
    for ordinal in ordinals {
      guard ordinal >= reached, ordinal < position else {
        throw DataError(.stateMismatch, "the state's positions contradict each other")
      }
      try skipAll(ordinal - reached)
      guard let example = try next() else {
        throw DataError(.stateMismatch, "the data has fewer examples than when the state was saved")
      }
      examples.append(example)
      reached = ordinal + 1
    }
    try skipAll(position - reached)
    return examples
  }
}

/// A stream over something with a known place for each example.
final class IndexedStream<Example: Sendable>: ExampleStream<Example> {
  private let count: Int
  private let element: (Int) throws(DataError) -> Example
  private var position = 0

  init(count: Int, _ element: @escaping (Int) throws(DataError) -> Example) {
    self.count = count
    self.element = element
  }

  override func next() throws(DataError) -> Example? {
    guard position < count else { return nil }
    position += 1
    return try element(position - 1)
  }

  override func state() -> DatasetState { DatasetState("elements", [position]) }

  override func restore(_ state: DatasetState) throws(DataError) {
    try state.check("elements", counts: 1, inner: 0)
    try skipAll(state.counts[0])
  }

  override func skip(_ wanted: Int) throws(DataError) -> Int {
    let skipped = min(wanted, count - position)
    position += skipped
    return skipped
  }
}
