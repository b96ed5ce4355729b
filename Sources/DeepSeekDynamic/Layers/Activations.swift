import DeepSeekOperators
public import DeepSeekTensor

/// max(x, 0).
public final class ReLU: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.relu() }
}

/// x Φ(x), exactly or in its tanh form (Hendrycks and Gimpel, 2016).
public final class GELU: Layer {
  /// Which form.
  public let approximatesByTanh: Bool
  /// The layer; exact unless told otherwise.
  public init(approximatesByTanh: Bool = false) { self.approximatesByTanh = approximatesByTanh }
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.gelu(approximate: approximatesByTanh ? .tanh : .none) }
}

/// x sigmoid(x).
public final class SiLU: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.silu() }
}

/// 1 / (1 + exp(-x)).
public final class Sigmoid: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.sigmoid() }
}

/// The hyperbolic tangent.
public final class Tanh: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.tanh() }
}

/// x where positive, slope x elsewhere.
public final class LeakyReLU: Layer {
  /// The slope below zero.
  public let slope: Double
  /// The layer.
  public init(slope: Double = 0.01) { self.slope = slope }
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.leakyRelu(slope: slope) }
}

/// x where positive, alpha (exp(x) - 1) elsewhere (Clevert, Unterthiner, Hochreiter, 2016).
public final class ELU: Layer {
  /// The limit below, negated.
  public let alpha: Double
  /// The layer.
  public init(alpha: Double = 1) { self.alpha = alpha }
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.elu(alpha: alpha) }
}

/// log(1 + exp(beta x)) / beta.
public final class Softplus: Layer {
  /// The sharpness.
  public let beta: Double
  /// The layer.
  public init(beta: Double = 1) { self.beta = beta }
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.softplus(beta: beta) }
}

/// x tanh(softplus(x)) (Misra, 2019).
public final class Mish: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.mish() }
}

/// Sigmoid's piecewise linear form: clamp(x / 6 + 1/2, 0, 1).
public final class HardSigmoid: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.hardSigmoid() }
}

/// x hardSigmoid(x) (Howard and others, 2019).
public final class HardSwish: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.hardSwish() }
}

/// Clamped between two limits.
public final class HardTanh: Layer {
  /// The limits.
  public let limits: ClosedRange<Double>
  /// The layer; from -1 to 1 unless told otherwise.
  public init(_ limits: ClosedRange<Double> = -1...1) { self.limits = limits }
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.clamp(limits.lowerBound, limits.upperBound) }
}

/// ELU scaled so that its outputs keep mean and variance (Klambauer and others, 2017).
public final class SELU: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.selu() }
}

/// log(sigmoid(x)).
public final class LogSigmoid: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.logSigmoid() }
}

/// x / (1 + |x|).
public final class Softsign: Layer {
  /// The layer.
  public init() {}
  /// Element by element.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.softsign() }
}

/// The first half of an axis times sigmoid of the second (Dauphin and others, 2017).
public final class GLU: Layer {
  /// The axis that is halved.
  public let axis: Int
  /// The layer.
  public init(axis: Int = -1) { self.axis = axis }
  /// The axis comes out half as long.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.glu(axis: axis) }
}

/// Probabilities along an axis.
public final class Softmax: Layer {
  /// The axis whose elements sum to 1.
  public let axis: Int
  /// The layer.
  public init(axis: Int = -1) { self.axis = axis }
  /// Any shape to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.softmax(axis: axis) }
}

/// Logarithms of probabilities along an axis.
public final class LogSoftmax: Layer {
  /// The axis whose exponentials sum to 1.
  public let axis: Int
  /// The layer.
  public init(axis: Int = -1) { self.axis = axis }
  /// Any shape to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.logSoftmax(axis: axis) }
}

/// x where positive, a learned slope times x elsewhere (He, Zhang, Ren, Sun, 2015). Key: `weight`, one slope or one for each
/// channel.
public final class PReLU: Layer {
  /// `[channels]`, 0.25 at first.
  public let weight: Parameter

  /// A layer with one slope, or one for each of `channels` (axis 1 of the input).
  public init(channels: Int = 1, slope: Double = 0.25, dtype: DType = .float32) {
    weight = Parameter(Tensor.full([channels], slope, dtype: dtype))
  }

  /// Any shape to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.prelu(weight.tensor) }
}
