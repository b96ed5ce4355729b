public import DeepSeekTensor
import TestSupport

/// How one input of a sample is made: from its shape and a seed, the same on every machine.
///
/// The floats are multiples of powers of two with few digits, so that all four floating types hold them exactly and one
/// reference serves them all; none is an integer or a half, where rounding and clamping have kinks.
public struct SampleInput: Sendable {
  /// What the elements are like.
  public enum Values: Sendable {
    /// Of both signs, below 2.
    case plain
    /// From 0.25 to 2.
    case positive
    /// Of both signs, below 1.
    case unit
    /// Above 1, below 3.
    case aboveOne
    /// Of both signs, no two alike; up to 254 of them.
    case distinct
    /// Whole numbers of a range.
    case integers(Range<Int>)
    /// These numbers.
    case fixed([Double])
    /// Of matrices over the last two axes: symmetric and positive definite.
    case positiveDefinite
    /// Of matrices over the last two axes: far from singular.
    case invertible
    /// A random key.
    case key
  }

  /// The lengths of the axes.
  public let shape: [Int]
  /// What the elements are like.
  public let values: Values
  /// The type, where it does not follow the type that is being tested.
  public let dtype: DType?
  /// Whether a gradient is taken of it.
  public let isDifferentiable: Bool

  /// An input of this shape.
  public init(_ shape: [Int], _ values: Values = .plain, dtype: DType? = nil, isDifferentiable: Bool = true) {
    self.shape = shape
    self.values = values
    self.dtype = dtype
    self.isDifferentiable = isDifferentiable && dtype == nil
  }

  /// Floats of both signs.
  public static func plain(_ shape: Int...) -> SampleInput { SampleInput(shape) }
  /// Floats from 0.25 to 2.
  public static func positive(_ shape: Int...) -> SampleInput { SampleInput(shape, .positive) }
  /// Floats between -1 and 1.
  public static func unit(_ shape: Int...) -> SampleInput { SampleInput(shape, .unit) }
  /// Floats above 1, below 3.
  public static func aboveOne(_ shape: Int...) -> SampleInput { SampleInput(shape, .aboveOne) }
  /// Floats, no two alike.
  public static func distinct(_ shape: Int...) -> SampleInput { SampleInput(shape, .distinct) }
  /// Whole numbers of a type.
  public static func integers(_ range: Range<Int>, _ shape: Int..., dtype: DType = .int64) -> SampleInput {
    SampleInput(shape, .integers(range), dtype: dtype)
  }
  /// True and false.
  public static func mask(_ shape: Int...) -> SampleInput { SampleInput(shape, .integers(0..<2), dtype: .bool) }
  /// A random key.
  public static var key: SampleInput { SampleInput([2], .key, dtype: .int64) }

  func make(seed: UInt64, _ tested: DType) -> Tensor {
    var source = SplitMix(seed)
    let target = Shape(shape)
    let count = target.elementCount
    let numbers: [Double]
    switch values {
    case .plain: numbers = (0..<count).map { _ in source.odd(below: 128) / 64 }
    case .positive: numbers = (0..<count).map { _ in (Double(source.number(below: 56)) * 2 + 17) / 64 }
    case .unit: numbers = (0..<count).map { _ in source.odd(below: 124) / 128 }
    case .aboveOne: numbers = (0..<count).map { _ in (Double(source.number(below: 62)) * 2 + 67) / 64 }
    case .distinct:
      numbers = (0..<Swift.max(count, 1)).map { Double($0 * 2 + 1 - count) / 64 }.shuffled(using: &source)
    case .integers(let range):
      numbers = (0..<count).map { _ in Double(range.lowerBound + source.number(below: range.count)) }
    case .fixed(let given): numbers = given
    case .positiveDefinite, .invertible: numbers = matrices(&source, count)
    case .key: return Tensor([2], [Int64(bitPattern: source.next()) >> 1, Int64(source.number(below: 1000))])
    }
    return Tensor(target, Array(numbers.prefix(count))).converted(to: dtype ?? tested)
  }

  /// Small entries around a diagonal that outweighs them; for `positiveDefinite`, the same above and below it.
  private func matrices(_ source: inout SplitMix, _ count: Int) -> [Double] {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    var isSymmetric = false
    if case .positiveDefinite = values { isSymmetric = true }
    var numbers = (0..<count).map { _ in source.odd(below: 60) / 64 }
    for start in stride(from: 0, to: count, by: Swift.max(rows * columns, 1)) {
      for row in 0..<Swift.min(rows, columns) {
        numbers[start + row * columns + row] = Double(rows + 1) + Double(row * 2 + 1) / 8
        guard isSymmetric else { continue }
        for column in 0..<row { numbers[start + column * columns + row] = numbers[start + row * columns + column] }
      }
    }
    return numbers
  }
}

extension SplitMix {
  /// A whole number from 0 up to `limit`; stored references were made from these.
  mutating func number(below limit: Int) -> Int { Int((next() >> 33) % UInt64(Swift.max(limit, 1))) }

  /// An odd number of either sign.
  mutating func odd(below limit: Int) -> Double {
    Double(number(below: limit) / 2 * 2 + 1) * (next() >> 63 == 0 ? 1 : -1)
  }
}
