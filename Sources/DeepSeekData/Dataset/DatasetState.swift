/// Where an iterator stands, small enough to go into every checkpoint: positions and epochs, no examples.
///
/// It can be written as JSON or any other coding, and continues the same pipeline over the same data exactly, in another
/// process too.
public struct DatasetState: Codable, Sendable, Hashable {
  /// The step that it belongs to.
  let step: String
  /// Positions, with a meaning that the step knows.
  let counts: [Int]
  /// The states of the steps before it.
  let inner: [DatasetState]

  init(_ step: String, _ counts: [Int] = [], inner: [DatasetState] = []) {
    self.step = step
    self.counts = counts
    self.inner = inner
  }

  /// Throws unless this is a state of `step` with so many counts (any for `nil`) and inner states.
  func check(_ step: String, counts expected: Int?, inner expectedInner: Int) throws(DataError) {
    let countsFit = expected.map { $0 == counts.count } ?? true
    guard self.step == step, countsFit, inner.count == expectedInner, counts.allSatisfy({ $0 >= 0 }) else {
      throw DataError(
        .stateMismatch, "the state belongs to a step '\(self.step)', where the pipeline has '\(step)'",
        advice: "restore it with the pipeline that it was saved from")
    }
  }
}
