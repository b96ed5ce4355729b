import DeepSeekOperators
public import DeepSeekTensor

/// How often numbers of each size were seen, and the range that fits them.
///
/// Bins span a range around zero that doubles when a number falls outside, so that no second look at the data is needed. The
/// smallest and the largest number are exact.
public struct ActivationHistogram: Sendable {
  /// Bins over the whole range.
  static let binCount = 2048
  /// The most elements of one tensor that are counted: every so-manieth when there are more.
  static let sampleLimit = 1 << 16

  /// The smallest number, no larger than 0.
  public private(set) var minimum: Float = 0
  /// The largest number, no less than 0.
  public private(set) var maximum: Float = 0
  /// Half the range that the bins span; 0 before the first number other than zero.
  private(set) var limit: Float = 0
  private(set) var counts = [Double](repeating: 0, count: ActivationHistogram.binCount)

  /// Nothing seen yet.
  public init() {}

  /// Counts the numbers of a tensor of a floating type; infinities and NaN are left out.
  public mutating func add(_ tensor: Tensor) {
    let tensor = tensor.detached().cast(to: .float32)
    if tensor.elementCount == 0 { return }
    tensor.withUnsafeElements(of: Float.self) { elements in
      var (low, high): (Float, Float) = (0, 0)
      for element in elements where element.isFinite {
        if element < low { low = element }
        if element > high { high = element }
      }
      minimum = Swift.min(minimum, low)
      maximum = Swift.max(maximum, high)
      widen(to: Swift.max(-low, high))
      if limit == 0 { return }
      let step = (elements.count + ActivationHistogram.sampleLimit - 1) / ActivationHistogram.sampleLimit
      let scale = Float(ActivationHistogram.binCount / 2) / limit
      let last = ActivationHistogram.binCount - 1
      counts.withUnsafeMutableBufferPointer { counts in
        var index = 0
        while index < elements.count {
          let element = elements[index]
          if element.isFinite { counts[Swift.min(Int((element + limit) * scale), last)] += Double(step) }
          index += step
        }
      }
    }
  }

  private mutating func widen(to reach: Float) {
    if reach == 0 { return }
    // A power of two, so that a doubling joins bins two by two.
    if limit == 0 { limit = Float(sign: .plus, exponent: Swift.max(reach.exponent, -100), significand: 1) }
    let half = ActivationHistogram.binCount / 2
    while limit < reach && limit.exponent < Float.greatestFiniteMagnitude.exponent {
      var wider = [Double](repeating: 0, count: counts.count)
      for index in 0..<half { wider[half / 2 + index] = counts[2 * index] + counts[2 * index + 1] }
      counts = wider
      limit *= 2
    }
  }

  /// The width of a bin.
  var binWidth: Double { 2 * Double(limit) / Double(ActivationHistogram.binCount) }

  /// The middle of a bin.
  func center(_ index: Int) -> Double { (Double(index) + 0.5) * binWidth - Double(limit) }

  /// The range that a way of calibrating chooses for integers of so many bits; it holds zero.
  public func range(_ calibration: QuantizationConfig.Calibration, bits: Int = 8) -> ClosedRange<Double> {
    let (low, high) = (Double(minimum), Double(maximum))
    if limit == 0 { return 0...0 }
    switch calibration {
    case .minMax: return low...high
    case .percentile(let percent):
      let tail = (1 - percent / 100) * counts.reduce(0, +)
      return Swift.max(quantile(counts.indices, tail), low)...Swift.min(quantile(counts.indices.reversed(), tail), high)
    case .entropy:
      let reach = EntropyRange(self, levels: 1 << (bits - 1)).reach
      return Swift.max(low, -reach)...Swift.min(high, reach)
    case .squaredError: return leastSquares(low, high, steps: Double(QuantizedInput.largest(bits: bits)))
    }
  }

  /// The near edge of the bin up to which more than `tail` numbers lie, going through the bins in this order; zero at most.
  private func quantile(_ order: some Sequence<Int>, _ tail: Double) -> Double {
    var total = 0.0
    for index in order {
      total += counts[index]
      if total > tail {
        let center = center(index)
        return center < 0 ? Swift.min(center - binWidth / 2, 0) : Swift.max(center + binWidth / 2, 0)
      }
    }
    return 0
  }

  private static let leastShare = 0.2
  private static let shareStep = 0.02

  /// The share of the whole range with the least squared error: of rounding within it, of cutting off beyond.
  private func leastSquares(_ low: Double, _ high: Double, steps: Double) -> ClosedRange<Double> {
    var best = (error: Double.infinity, share: 1.0)
    for share in stride(from: 1, through: ActivationHistogram.leastShare, by: -ActivationHistogram.shareStep) {
      let (first, last) = (low * share, high * share)
      let step = (last - first) / steps
      var error = 0.0
      for index in counts.indices where counts[index] > 0 {
        let x = center(index)
        let cut = x < first ? first - x : x > last ? x - last : 0
        error += counts[index] * (cut > 0 ? cut * cut : step * step / 12)
      }
      if error < best.error { best = (error, share) }
    }
    return low * best.share...high * best.share
  }
}
