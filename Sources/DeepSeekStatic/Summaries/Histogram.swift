/// How numbers are spread: counts in buckets whose limits grow by a tenth, as TensorBoard's histograms have them.
public struct Histogram: Sendable, Hashable {
  /// The smallest number; infinite when there is none.
  public let minimum: Double
  /// The largest number; infinite when there is none.
  public let maximum: Double
  /// How many numbers; those that are NaN are left out.
  public let count: Int
  /// Their sum.
  public let sum: Double
  /// The sum of their squares.
  public let sumOfSquares: Double
  /// Upper limits of the buckets, growing; the last is the greatest number there is.
  public let limits: [Double]
  /// How many numbers are below each limit and not below the one before.
  public let counts: [Int]

  /// The spread of some numbers. Buckets before the first and after the last that is not empty are left out.
  public init(_ numbers: some Sequence<Double>) {
    var (low, high) = (Double.infinity, -Double.infinity)
    var (count, sum, squares) = (0, 0.0, 0.0)
    var all = [Int](repeating: 0, count: Histogram.allLimits.count)
    for number in numbers where !number.isNaN {
      (low, high) = (Swift.min(low, number), Swift.max(high, number))
      count += 1
      sum += number
      squares += number * number
      all[Histogram.bucket(of: number)] += 1
    }
    (minimum, maximum, self.count, self.sum, sumOfSquares) = (low, high, count, sum, squares)
    guard let first = all.firstIndex(where: { $0 > 0 }), let last = all.lastIndex(where: { $0 > 0 }) else {
      (limits, counts) = ([], [])
      return
    }
    // One empty bucket before the first says where that begins.
    let range = Swift.max(first - 1, 0)...last
    limits = Array(Histogram.allLimits[range])
    counts = Array(all[range])
  }

  /// The first bucket whose limit is above a number; the last for those beyond all limits.
  private static func bucket(of number: Double) -> Int {
    var (low, high) = (0, allLimits.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if allLimits[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// ±10⁻¹² to ±10²⁰ by steps of a tenth, zero between, and the greatest number at either end.
  private static let allLimits: [Double] = {
    var positive: [Double] = []
    var limit = 1e-12
    while limit < 1e20 {
      positive.append(limit)
      limit *= 1.1
    }
    positive.append(.greatestFiniteMagnitude)
    return positive.reversed().map { -$0 } + [0] + positive
  }()
}
