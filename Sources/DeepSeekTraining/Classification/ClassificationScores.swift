import DeepSeekDynamic

/// How well predicted classes match the true ones.
public struct ClassificationScores: Sendable, Hashable {
  /// The share of examples whose class was predicted.
  public let accuracy: Double
  /// The harmonic mean of precision and recall: of class 1 when there are two classes, else the mean over all classes.
  public let f1: Double
  /// How many examples were judged.
  public let count: Int

  init(_ matrix: ConfusionMatrix) {
    accuracy = matrix.accuracy
    f1 = matrix.f1(matrix.classCount == 2 ? .only(1) : .macro)
    count = matrix.total
  }
}
