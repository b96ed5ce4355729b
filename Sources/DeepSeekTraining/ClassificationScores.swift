/// How well predicted classes match the true ones.
public struct ClassificationScores: Sendable, Hashable {
  /// The share of examples whose class was predicted.
  public let accuracy: Double
  /// The harmonic mean of precision and recall: of class 1 when there are two classes, else the mean over all classes.
  public let f1: Double
  /// How many examples were judged.
  public let count: Int

  /// Scores of predictions against the truth, example by example.
  public init(predicted: [Int], expected: [Int], labelCount: Int) {
    precondition(predicted.count == expected.count, "as many predictions as labels")
    count = predicted.count
    let right = zip(predicted, expected).count { $0 == $1 }
    accuracy = count > 0 ? Double(right) / Double(count) : 0
    let scores = (0..<labelCount).map { label in
      let hits = zip(predicted, expected).count { $0 == label && $1 == label }
      let total = predicted.count { $0 == label } + expected.count { $0 == label }
      return total > 0 ? 2 * Double(hits) / Double(total) : 0
    }
    f1 = labelCount == 2 ? scores[1] : scores.reduce(0, +) / Double(Swift.max(labelCount, 1))
  }
}
