import CDeepSeekKernels
public import DeepSeekTensor

/// A tensor of random numbers that follow from a key alone.
public struct RandomOperator: Operator {
  /// The distributions.
  public enum Distribution: String, Sendable, Hashable, Codable, CaseIterable {
    /// Evenly between the first parameter and, excluded, the second.
    case uniform
    /// Normal; parameters: mean, standard deviation.
    case normal
    /// Normal with mean 0 and standard deviation 1, kept between two limits; parameters: lowest, highest.
    case truncatedNormal = "truncated_normal"
    /// Whole numbers from the first parameter up to, excluded, the second.
    case integers
    /// One with a probability, else zero; parameter: the probability.
    case bernoulli
    /// The numbers from 0 in a random order; rank 1.
    case permutation
  }

  /// The distribution.
  public let distribution: Distribution
  /// The distribution's parameters.
  public let parameters: SIMD2<Double>
  /// Type and shape of the result.
  public let dtype: DType
  /// The lengths of the result.
  public let shape: Shape

  /// Numbers of a distribution, of this type and shape.
  public init(_ distribution: Distribution, _ first: Double, _ second: Double, _ dtype: DType, _ shape: Shape) {
    self.distribution = distribution
    parameters = [first, second]
    self.dtype = dtype
    self.shape = shape
  }

  /// `random_` and the distribution's name.
  public var name: String { "random_" + distribution.rawValue }
  /// Random.
  public var traits: OperatorTraits { [.random, .nonDifferentiable, .memoryBound] }

  /// The input is a random key.
  public func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] {
    try expect(inputs, 1...1)
    try expectKey(inputs[0])
    if distribution == .permutation && shape.rank != 1 { throw mismatch("shape \(shape); one axis is expected") }
    return [TensorSpec(dtype, shape)]
  }

  /// Calls the C kernel.
  public func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    let key = inputs[0].randomKey
    var out = outputs[0].kernelView
    let (first, second) = (parameters[0], parameters[1])
    let status =
      switch distribution {
      case .uniform: ds_random_uniform(&out, key, first, second)
      case .normal: ds_random_normal(&out, key, first, second)
      case .truncatedNormal: ds_random_truncated_normal(&out, key, 0, 1, first, second)
      case .integers: ds_random_integers(&out, key, Int64(first), Int64(second))
      case .bernoulli: ds_random_bernoulli(&out, key, first)
      case .permutation: ds_random_permutation(&out, key)
      }
    try withExtendedLifetime(outputs) { try check(status, self, inputs) }
  }

  /// With the symbols in the shape replaced.
  public func resolved(_ bindings: [Dimension: Int]) -> RandomOperator {
    RandomOperator(distribution, parameters[0], parameters[1], dtype, shape.resolved(bindings))
  }
}

extension Tensor {
  private static func random(
    _ distribution: RandomOperator.Distribution, _ first: Double, _ second: Double, _ dtype: DType, _ shape: Shape,
    _ key: Tensor?, file: StaticString, line: UInt
  ) -> Tensor {
    let operation = RandomOperator(distribution, first, second, dtype, shape)
    return apply(operation, key ?? RandomGenerator.current.nextKey(), file: file, line: line)
  }

  /// Numbers evenly between `low` and, excluded, `high`. The key says which; without one, the next of the current
  /// ``RandomGenerator``.
  public static func randomUniform(
    _ shape: Shape, _ low: Double = 0, _ high: Double = 1, dtype: DType = .float32, key: Tensor? = nil,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    random(.uniform, low, high, dtype, shape, key, file: file, line: line)
  }

  /// Normally distributed numbers.
  public static func randomNormal(
    _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32, key: Tensor? = nil,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    random(.normal, mean, standardDeviation, dtype, shape, key, file: file, line: line)
  }

  /// Numbers of the standard normal distribution between two limits.
  public static func randomTruncatedNormal(
    _ shape: Shape, _ low: Double = -2, _ high: Double = 2, dtype: DType = .float32, key: Tensor? = nil,
    file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    random(.truncatedNormal, low, high, dtype, shape, key, file: file, line: line)
  }

  /// Whole numbers from `range`, each as likely.
  public static func randomIntegers(
    _ shape: Shape, _ range: Range<Int>, dtype: DType = .int64, key: Tensor? = nil, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    random(.integers, Double(range.lowerBound), Double(range.upperBound), dtype, shape, key, file: file, line: line)
  }

  /// One with a probability, else zero.
  public static func randomBernoulli(
    _ shape: Shape, _ probability: Double, dtype: DType = .bool, key: Tensor? = nil, file: StaticString = #file,
    line: UInt = #line
  ) -> Tensor {
    random(.bernoulli, probability, 0, dtype, shape, key, file: file, line: line)
  }

  /// The numbers from 0 up to `count` in a random order, `int64`.
  public static func randomPermutation(
    _ count: Int, key: Tensor? = nil, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    random(.permutation, 0, 0, .int64, [count], key, file: file, line: line)
  }
}
