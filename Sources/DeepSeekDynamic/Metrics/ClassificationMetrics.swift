import DeepSeekOperators
public import DeepSeekTensor

/// How often each class was predicted for each true class: from it follow accuracy, precision, recall, F1 and Matthews'
/// coefficient. Adds up over batches.
///
/// ```swift
/// var scores = ConfusionMatrix(classCount: 2)
/// scores.add(logits: model(x), targets: y)
/// scores.f1(.macro)
/// ```
public struct ConfusionMatrix: Sendable, Hashable {
  /// How classes are summed up in one figure.
  public enum Average: Sendable, Hashable {
    /// One class alone, as in a question with two answers.
    case only(Int)
    /// All classes count the same.
    case macro
    /// Classes count by how often they are true.
    case weighted
    /// All samples count the same: with one label each, the accuracy.
    case micro
  }

  /// The number of classes.
  public let classCount: Int
  /// By true class, then by predicted class.
  public private(set) var counts: [[Int]]

  /// No samples yet.
  public init(classCount: Int) {
    if classCount < 1 { fatalError("ConfusionMatrix: \(classCount) classes") }
    self.classCount = classCount
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
  }

  /// Adds samples by their predicted and true classes. Targets outside the classes (an ignored index) are left out.
  public mutating func add(predictions: [Int], targets: [Int]) {
    if predictions.count != targets.count {
      fatalError("ConfusionMatrix: \(predictions.count) predictions and \(targets.count) targets")
    }
    for (prediction, target) in zip(predictions, targets) where (0..<classCount).contains(target) {
      if !(0..<classCount).contains(prediction) {
        fatalError("ConfusionMatrix: prediction \(prediction) is outside \(classCount) classes")
      }
      counts[target][prediction] += 1
    }
  }

  /// Adds samples by logits `[…, classes]` and true classes `[…]`.
  public mutating func add(logits: Tensor, targets: Tensor) {
    add(predictions: largestIndices(logits), targets: targets.array(of: Int.self))
  }

  /// The number of samples.
  public var total: Int { counts.lazy.joined().reduce(0, +) }

  private var hits: Int { (0..<classCount).reduce(0) { $0 + counts[$1][$1] } }
  private func actual(_ index: Int) -> Int { counts[index].reduce(0, +) }
  private func predicted(_ index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }

  /// The share of samples predicted rightly; 0 of none.
  public var accuracy: Double { ConfusionMatrix.ratio(hits, total) }

  /// Of what was predicted as a class, the share that is.
  public func precision(_ average: Average = .macro) -> Double {
    averaged(average) { ConfusionMatrix.ratio(counts[$0][$0], predicted($0)) }
  }

  /// Of what is a class, the share that was predicted so.
  public func recall(_ average: Average = .macro) -> Double {
    averaged(average) { ConfusionMatrix.ratio(counts[$0][$0], actual($0)) }
  }

  /// The harmonic mean of precision and recall; 0 when both are.
  public func f1(_ average: Average = .macro) -> Double {
    averaged(average) { ConfusionMatrix.ratio(2 * counts[$0][$0], actual($0) + predicted($0)) }
  }

  /// The correlation of prediction and truth, from -1 to 1, for any number of classes (Matthews, 1975; Gorodkin, 2004); 0
  /// when either is one class throughout.
  public var matthewsCorrelation: Double {
    let all = Double(total)
    let pairs = (0..<classCount).map { (Double(actual($0)), Double(predicted($0))) }
    let covariance = Double(hits) * all - pairs.reduce(0) { $0 + $1.0 * $1.1 }
    let actualSpread = all * all - pairs.reduce(0) { $0 + $1.0 * $1.0 }
    let predictedSpread = all * all - pairs.reduce(0) { $0 + $1.1 * $1.1 }
    let spread = (actualSpread * predictedSpread).squareRoot()
    return spread == 0 ? 0 : covariance / spread
  }

  private func averaged(_ average: Average, _ score: (Int) -> Double) -> Double {
    switch average {
    case .only(let index): return score(index)
    case .micro: return accuracy
    case .macro: return (0..<classCount).reduce(0) { $0 + score($1) } / Double(classCount)
    case .weighted:
      return total == 0 ? 0 : (0..<classCount).reduce(0) { $0 + score($1) * Double(actual($1)) } / Double(total)
    }
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

/// The share of logits `[…, classes]` that are largest at the true classes `[…]`, those at `ignoreIndex` left out.
public func accuracy(of logits: Tensor, _ targets: Tensor, ignoreIndex: Int = -100) -> Double {
  topAccuracy(of: logits, targets, count: 1, ignoreIndex: ignoreIndex)
}

/// The share of logits `[…, classes]` whose `count` largest hold the true class `[…]`, those at `ignoreIndex` left out. Of
/// equal logits the one of the lower class counts as larger.
public func topAccuracy(of logits: Tensor, _ targets: Tensor, count: Int, ignoreIndex: Int = -100) -> Double {
  let classes = logits.shape[-1]
  let values = logits.array(of: Double.self)
  let wanted = targets.array(of: Int.self)
  if wanted.count * classes != values.count {
    fatalError("accuracy: logits \(logits.spec) and targets \(targets.spec) do not fit")
  }
  var (hits, total) = (0, 0)
  for (row, target) in wanted.enumerated() where target != ignoreIndex {
    if !(0..<classes).contains(target) { fatalError("accuracy: target \(target) is outside \(classes) classes") }
    let base = row * classes
    let own = values[base + target]
    let larger = (0..<classes).count { values[base + $0] > own || values[base + $0] == own && $0 < target }
    total += 1
    if larger < count { hits += 1 }
  }
  return total == 0 ? 0 : Double(hits) / Double(total)
}

/// The class of the largest logit of each row; the lowest of equal ones.
private func largestIndices(_ logits: Tensor) -> [Int] {
  let classes = logits.shape[-1]
  let values = logits.array(of: Double.self)
  return stride(from: 0, to: values.count, by: Swift.max(classes, 1)).map { base in
    (0..<classes).reduce(0) { values[base + $1] > values[base + $0] ? $1 : $0 }
  }
}
