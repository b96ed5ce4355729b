import DeepSeekOperators
import DeepSeekTensor

/// How many inputs each output of a weight `[out, in, kernel…]` sees, and how many outputs each input reaches.
struct Fans {
  let into: Double
  let out: Double

  init(_ shape: Shape, _ who: String) {
    if shape.rank < 2 {
      fatalError("Initializer.\(who): shape \(shape) has fewer than two axes, so no fan-in or fan-out")
    }
    let field = (2..<shape.rank).reduce(1) { $0 * shape[$1] }
    into = Double(shape[1] * field)
    out = Double(shape[0] * field)
  }
}

extension Initializer {
  /// Which fan a Kaiming initializer keeps the variance over.
  public enum Fan: Sendable {
    /// The forward pass keeps its variance.
    case into
    /// The backward pass keeps its variance.
    case out
  }

  /// What follows the layer, which decides the gain.
  public enum Nonlinearity: Sendable {
    /// Nothing, or a sigmoid: 1.
    case linear
    /// 5/3.
    case tanh
    /// √2.
    case relu
    /// √(2 / (1 + slope²)).
    case leakyRelu(slope: Double)
    /// 3/4.
    case selu

    /// By how much the weights are widened.
    public var gain: Double {
      switch self {
      case .linear: 1
      case .tanh: 5.0 / 3
      case .relu: 2.0.squareRoot()
      case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
      case .selu: 0.75
      }
    }
  }

  /// Uniform within ±gain √(6 / (fan-in + fan-out)) (Glorot and Bengio, 2010).
  public static func xavierUniform(gain: Double = 1) -> Initializer {
    Initializer { shape, dtype in
      let fans = Fans(shape, "xavierUniform")
      let bound = gain * (6 / (fans.into + fans.out)).squareRoot()
      return Initializer.uniform(-bound, bound)(shape, dtype: dtype)
    }
  }

  /// Normal with standard deviation gain √(2 / (fan-in + fan-out)) (Glorot and Bengio, 2010).
  public static func xavierNormal(gain: Double = 1) -> Initializer {
    Initializer { shape, dtype in
      let fans = Fans(shape, "xavierNormal")
      let deviation = gain * (2 / (fans.into + fans.out)).squareRoot()
      return Initializer.normal(standardDeviation: deviation)(shape, dtype: dtype)
    }
  }

  /// Uniform within ±gain √(3 / fan) (He, Zhang, Ren, Sun, 2015).
  public static func kaimingUniform(_ nonlinearity: Nonlinearity = .relu, fan: Fan = .into) -> Initializer {
    Initializer { shape, dtype in
      let fans = Fans(shape, "kaimingUniform")
      let bound = nonlinearity.gain * (3 / (fan == .into ? fans.into : fans.out)).squareRoot()
      return Initializer.uniform(-bound, bound)(shape, dtype: dtype)
    }
  }

  /// Normal with standard deviation gain / √fan (He, Zhang, Ren, Sun, 2015).
  public static func kaimingNormal(_ nonlinearity: Nonlinearity = .relu, fan: Fan = .into) -> Initializer {
    Initializer { shape, dtype in
      let fans = Fans(shape, "kaimingNormal")
      let deviation = nonlinearity.gain / (fan == .into ? fans.into : fans.out).squareRoot()
      return Initializer.normal(standardDeviation: deviation)(shape, dtype: dtype)
    }
  }

  /// Rows, or columns when there are more rows than columns, orthogonal and of length `gain`; axes after the first count as
  /// columns (Saxe, McClelland, Ganguli, 2014).
  ///
  /// The orthogonal factor of a Gaussian matrix's polar decomposition, which is uniformly distributed, found by Newton's
  /// iteration in `float64`. Costs some thirty products of the matrix with itself.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer { shape, dtype in
      if shape.rank < 2 { fatalError("Initializer.orthogonal: shape \(shape) has fewer than two axes") }
      if shape.elementCount == 0 { return Tensor.zeros(shape, dtype: dtype) }
      let rows = shape[0]
      let columns = shape.elementCount / rows
      let gaussian = Initializer.normal()([Swift.min(rows, columns), Swift.max(rows, columns)], dtype: .float64)
      let factor = noGradient { polarFactor(gaussian) * gain }
      return (rows <= columns ? factor : factor.matrixTransposed).reshaped(shape).contiguous().converted(to: dtype)
    }
  }

  /// The nearest matrix with orthonormal rows to one with no more rows than columns.
  private static func polarFactor(_ matrix: Tensor) -> Tensor {
    let norm = matrix.sumSquares().item(as: Double.self).squareRoot()
    var x = matrix * (1 / Swift.max(norm, .leastNormalMagnitude))
    let identity = Initializer.identity([matrix.shape[0], matrix.shape[0]], dtype: .float64)
    for _ in 0..<maximumPolarSteps {
      let error = x.matmul(x.matrixTransposed) - identity
      if error.abs().max().item(as: Double.self) < 1e-14 { break }
      x = x - 0.5 * error.matmul(x)
    }
    return x
  }

  /// Each step multiplies a small singular value by 3/2: a hundred reach 1 from 10⁻¹⁷.
  private static let maximumPolarSteps = 100
}
