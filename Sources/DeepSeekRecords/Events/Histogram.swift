/// How many numbers fell into each of some buckets, with their sums, as TensorBoard shows distributions.
public struct Histogram: Sendable, Hashable {
  /// The smallest number.
  public var minimum: Double
  /// The largest number.
  public var maximum: Double
  /// How many numbers.
  public var count: Double
  /// Their sum.
  public var sum: Double
  /// The sum of their squares.
  public var sumOfSquares: Double
  /// The upper limits of the buckets, rising; a number equal to a limit belongs to the next bucket.
  public var limits: [Double]
  /// How many numbers each bucket has; as many as there are limits.
  public var buckets: [Double]

  /// A histogram with all its numbers given.
  public init(
    minimum: Double, maximum: Double, count: Double, sum: Double, sumOfSquares: Double, limits: [Double],
    buckets: [Double]
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.count = count
    self.sum = sum
    self.sumOfSquares = sumOfSquares
    self.limits = limits
    self.buckets = buckets
  }

  /// The histogram of some numbers, in TensorFlow's buckets: a tenth wider each, from 1e-12 on, on both sides of zero.
  /// NaN and infinities are left out. Buckets of nothing beside each other are one.
  public init(_ numbers: some Collection<Double>) {
    self.init(minimum: 0, maximum: 0, count: 0, sum: 0, sumOfSquares: 0, limits: [], buckets: [])
    (minimum, maximum) = (.greatestFiniteMagnitude, -.greatestFiniteMagnitude)
    var counts = [Double](repeating: 0, count: Histogram.standardLimits.count)
    for number in numbers where number.isFinite {
      minimum = min(minimum, number)
      maximum = max(maximum, number)
      count += 1
      sum += number
      sumOfSquares += number * number
      counts[Histogram.bucket(of: number)] += 1
    }
    if count == 0 { (minimum, maximum) = (0, 0) }
    var index = 0
    while index < counts.count {
      let isEmpty = counts[index] == 0
      if isEmpty {
        while index + 1 < counts.count && counts[index + 1] == 0 { index += 1 }
      }
      limits.append(Histogram.standardLimits[index])
      buckets.append(counts[index])
      index += 1
    }
  }

  /// The first limit above `number`.
  private static func bucket(of number: Double) -> Int {
    var (low, high) = (0, standardLimits.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if standardLimits[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static let standardLimits: [Double] = {
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
