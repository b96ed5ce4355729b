public import DeepSeekData
import DeepSeekDynamic

/// How well predictions of a GLUE task do, by its official metric.
///
/// ```swift
/// let scores = task.scores(predictions: [1, 0, 1], labels: [1, 1, 1])
/// scores["f1"]    // 0.8
/// scores.mean     // what GLUE's own total takes the mean of
/// ```
public struct GLUEScores: Sendable, Hashable {
  /// A figure and its name: `accuracy`, `f1`, `matthews_correlation`, `pearson` or `spearmanr`.
  public struct Score: Sendable, Hashable {
    /// The figure's name, as Hugging Face's `evaluate` has it.
    public let name: String
    /// The figure, at most 1.
    public let value: Double

    /// A figure.
    public init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// The task's figures, one or two.
  public let all: [Score]

  /// The figure of a name; `nil` when the task's metric has none.
  public subscript(name: String) -> Double? { all.first { $0.name == name }?.value }

  /// The mean of the figures: the task's one number in GLUE.
  public var mean: Double { all.reduce(0) { $0 + $1.value } / Double(all.count) }
}

extension GLUETask {
  /// Judges predictions by the official metric.
  ///
  /// - Parameters:
  ///   - predictions: Classes from 0, or scores.
  ///   - labels: The true ones, as many. Traps when the counts differ, or when a class is none of the task's.
  public func scores(predictions: [Double], labels: [Double]) -> GLUEScores {
    if metric == .correlation {
      return GLUEScores(all: [
        .init(name: "pearson", value: pearsonCorrelation(predictions, labels)),
        .init(name: "spearmanr", value: spearmanCorrelation(predictions, labels)),
      ])
    }
    func classes(_ values: [Double]) -> [Int] {
      values.map { value in
        guard let index = Int(exactly: value), labelNames.indices.contains(index) else {
          fatalError("GLUETask.scores: \(value) is no class of \(name)")
        }
        return index
      }
    }
    var matrix = ConfusionMatrix(classCount: labelNames.count)
    matrix.add(predictions: classes(predictions), targets: classes(labels))
    switch metric {
    case .matthewsCorrelation:
      return GLUEScores(all: [.init(name: "matthews_correlation", value: matrix.matthewsCorrelation)])
    case .accuracyAndF1:
      return GLUEScores(all: [
        .init(name: "accuracy", value: matrix.accuracy), .init(name: "f1", value: matrix.f1(.only(1))),
      ])
    case .accuracy, .correlation: return GLUEScores(all: [.init(name: "accuracy", value: matrix.accuracy)])
    }
  }
}
