#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Pearson's correlation of two series, from -1 to 1; 0 when either is constant. Traps when their lengths differ.
public func pearsonCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  expectSameCount(a, b, "pearsonCorrelation")
  let (meanA, meanB) = (mean(a), mean(b))
  var (covariance, spreadA, spreadB) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    covariance += (x - meanA) * (y - meanB)
    spreadA += (x - meanA) * (x - meanA)
    spreadB += (y - meanB) * (y - meanB)
  }
  let spread = spreadA.squareRoot() * spreadB.squareRoot()
  return spread == 0 ? 0 : covariance / spread
}

/// Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of theirs.
public func spearmanCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  expectSameCount(a, b, "spearmanCorrelation")
  return pearsonCorrelation(ranks(a), ranks(b))
}

/// exp of the mean cross-entropy, in nats, of a language model.
public func perplexity(meanCrossEntropy: Double) -> Double { exp(meanCrossEntropy) }

/// The mean squared difference; 0 of nothing.
public func meanSquaredError(_ prediction: [Double], _ target: [Double]) -> Double {
  expectSameCount(prediction, target, "meanSquaredError")
  return mean(zip(prediction, target).map { ($0 - $1) * ($0 - $1) })
}

/// The mean absolute difference; 0 of nothing.
public func meanAbsoluteError(_ prediction: [Double], _ target: [Double]) -> Double {
  expectSameCount(prediction, target, "meanAbsoluteError")
  return mean(zip(prediction, target).map { abs($0 - $1) })
}

/// The part of the target's variance that the prediction explains: 1 when exact, 0 when no better than the mean, and 0 for
/// a constant target.
public func explainedVariance(_ prediction: [Double], _ target: [Double]) -> Double {
  expectSameCount(prediction, target, "explainedVariance")
  let centre = mean(target)
  let total = target.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  let rest = zip(prediction, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return total == 0 ? 0 : 1 - rest / total
}

private func expectSameCount(_ a: [Double], _ b: [Double], _ what: String) {
  if a.count != b.count { fatalError("\(what): \(a.count) and \(b.count) values") }
}

private func mean(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}

/// Ranks from 1; equal values share the mean of theirs.
private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var result = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
    for position in start..<end { result[order[position]] = Double(start + end + 1) / 2 }
    start = end
  }
  return result
}
