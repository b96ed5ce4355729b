/// How far from zero numbers are kept so that their distribution, seen through so many levels, loses the least information: the
/// Kullback-Leibler divergence of the two is least (Migacz, "8-bit inference with TensorRT", 2017).
struct EntropyRange {
  /// The distance from zero.
  private(set) var reach: Double

  init(_ histogram: ActivationHistogram, levels: Int) {
    let half = ActivationHistogram.binCount / 2
    // Sizes alone count: both signs together.
    let sizes = (0..<half).map { histogram.counts[half + $0] + histogram.counts[half - 1 - $0] }
    let used = (sizes.lastIndex { $0 > 0 } ?? 0) + 1
    reach = Double(used) * histogram.binWidth
    if used <= levels { return }
    var least = Double.infinity
    var beyond = sizes[levels..<used].reduce(0, +)
    for count in stride(from: levels, through: used, by: EntropyRange.step) {
      if count > levels { beyond -= sizes[(count - EntropyRange.step)..<count].reduce(0, +) }
      let divergence = EntropyRange.divergence(sizes[..<count], beyond: Swift.max(beyond, 0), levels)
      if divergence < least { (least, reach) = (divergence, Double(count) * histogram.binWidth) }
    }
  }

  private static let step = 8

  /// Of a part of the bins, with what lies beyond added to the last one, and of what so many levels make of that part.
  private static func divergence(_ bins: ArraySlice<Double>, beyond: Double, _ levels: Int) -> Double {
    var reference = Array(bins)
    reference[reference.count - 1] += beyond
    var seen = [Double](repeating: 0, count: bins.count)
    for level in 0..<levels {
      let range = level * bins.count / levels..<(level + 1) * bins.count / levels
      let filled = range.filter { bins[$0] > 0 }
      let share = filled.isEmpty ? 0 : range.reduce(0) { $0 + bins[$1] } / Double(filled.count)
      for index in filled { seen[index] = share }
    }
    let (total, seenTotal) = (reference.reduce(0, +), seen.reduce(0, +))
    if total == 0 || seenTotal == 0 { return .infinity }
    var sum = 0.0
    for index in reference.indices where reference[index] > 0 {
      let (p, q) = (reference[index] / total, Swift.max(seen[index] / seenTotal, 1e-12))
      sum += p * (p / q).logarithm
    }
    return sum
  }
}
