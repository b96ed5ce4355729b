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
  public func callAsFunction(_ input: Tensor) -> Tensor {
    var slope = weight.tensor
    if slope.elementCount > 1 && input.rank > 2 {
      slope = slope.reshaped([slope.elementCount] + Array(repeating: 1, count: input.rank - 2))
    }
    return input.relu() - slope * (-input).relu()
  }
}
