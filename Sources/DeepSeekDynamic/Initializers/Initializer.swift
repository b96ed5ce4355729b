import DeepSeekOperators
public import DeepSeekTensor

/// How a weight gets its first values.
///
/// Random ones draw from ``RandomGenerator/current``: inside ``RandomGenerator/withSeed(_:_:)`` a model's weights repeat bit
/// for bit. A model made while a graph is being built has values for weights all the same.
public struct Initializer: Sendable {
  private let make: @Sendable (_ shape: Shape, _ dtype: DType) -> Tensor

  /// An initializer that calls `make`, whose result must have the shape and type asked for.
  public init(_ make: @escaping @Sendable (_ shape: Shape, _ dtype: DType) -> Tensor) {
    self.make = make
  }

  /// A tensor of this shape and floating type.
  public func callAsFunction(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    if Initializer.isSkipped { return Tensor.zeros([], dtype: dtype).broadcast(to: shape) }
    let result = RandomGenerator.outsideCapture { make(shape, dtype) }
    if result.shape != shape || result.dtype != dtype {
      fatalError("Initializer: \(result.spec) was made where \(dtype)\(shape) was asked for")
    }
    return result
  }

  /// Whether initializers give one zero, stretched, in place of values.
  @TaskLocal private static var isSkipped = false

  /// Makes a model whose weights take no time and no memory, to be loaded at once: inside `body`, every initializer gives one
  /// zero, stretched to the shape.
  public static func withoutValues<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isSkipped.withValue(true, operation: body)
  }

  /// Sets a parameter anew.
  public func callAsFunction(_ parameter: Parameter) {
    let spec = parameter.spec
    parameter.value = self(spec.shape, dtype: spec.dtype)
  }
}

extension Initializer {
  /// Every element the same.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { Tensor.full($0, value, dtype: $1) }
  }

  /// Zeros.
  public static let zeros = Initializer.constant(0)

  /// Ones.
  public static let ones = Initializer.constant(1)

  /// Uniform in `[low, high)`.
  public static func uniform(_ low: Double = 0, _ high: Double = 1) -> Initializer {
    Initializer { shape, dtype in
      Tensor.randomUniform(shape, low, high, dtype: dtype, key: RandomGenerator.current.nextKey())
    }
  }

  /// Normal with this mean and standard deviation.
  public static func normal(mean: Double = 0, standardDeviation: Double = 1) -> Initializer {
    Initializer { shape, dtype in
      Tensor.randomNormal(
        shape, mean: mean, standardDeviation: standardDeviation, dtype: dtype, key: RandomGenerator.current.nextKey())
    }
  }

  /// Normal, with values outside `[low, high]` never drawn; by default the bounds are two away from zero, as in PyTorch's
  /// `trunc_normal_`. The standard deviation is that of the normal before the cut.
  public static func truncatedNormal(
    mean: Double = 0, standardDeviation: Double = 1, low: Double = -2, high: Double = 2
  ) -> Initializer {
    if low >= high { fatalError("Initializer.truncatedNormal: low \(low) is not below high \(high)") }
    return Initializer { shape, dtype in
      let standard = Tensor.randomTruncatedNormal(
        shape, (low - mean) / standardDeviation, (high - mean) / standardDeviation, dtype: dtype)
      return noGradient { standard * standardDeviation + mean }
    }
  }

  /// The first `min(rows, columns)` diagonal elements one, the rest zero; for two axes.
  public static let identity = Initializer { shape, dtype in
    if shape.rank != 2 { fatalError("Initializer.identity: shape \(shape) has \(shape.rank) axes, not two") }
    var elements = [Double](repeating: 0, count: shape.elementCount)
    for index in 0..<Swift.min(shape[0], shape[1]) { elements[index * shape[1] + index] = 1 }
    return Tensor(shape, elements).converted(to: dtype)
  }
}
