public import DeepSeekTensor

extension Tensor {
  /// Applies a function of one number; integers become `float64` first where the function is of floats.
  func unary(
    _ function: UnaryOperator.Function, _ first: Double = 0, _ second: Double = 0, file: StaticString, line: UInt
  ) -> Tensor {
    let needsFloat = function.outputType == .floating && !dtype.isFloatingPoint
    let input = needsFloat ? cast(to: .float64) : self
    return apply(UnaryOperator(function, first, second), input, file: file, line: line)
  }

  /// The absolute value of each element.
  public func abs(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.abs, file: file, line: line)
  }

  /// -1, 0 or 1 by each element's sign.
  public func sign(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.sign, file: file, line: line)
  }

  /// Each element times itself.
  public func square(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.square, file: file, line: line)
  }

  /// Each element rounded down.
  public func floor(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.floor, file: file, line: line)
  }

  /// Each element rounded up.
  public func ceil(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.ceil, file: file, line: line)
  }

  /// Each element rounded to the nearest integer, ties to even.
  public func round(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.round, file: file, line: line)
  }

  /// Each element rounded towards zero.
  public func trunc(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.trunc, file: file, line: line)
  }

  /// Whether each element is NaN.
  public func isNaN(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.isNaN, file: file, line: line)
  }

  /// Whether each element is infinite.
  public func isInfinite(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.isInfinite, file: file, line: line)
  }

  /// Whether each element is neither NaN nor infinite.
  public func isFinite(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.isFinite, file: file, line: line)
  }

  /// Whether each element is zero.
  public func logicalNot(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.logicalNot, file: file, line: line)
  }

  /// Each element with all bits flipped.
  public func bitwiseNot(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.bitwiseNot, file: file, line: line)
  }

  /// The square root of each element.
  public func sqrt(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.sqrt, file: file, line: line)
  }

  /// One over the square root of each element.
  public func rsqrt(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.rsqrt, file: file, line: line)
  }

  /// One over each element.
  public func reciprocal(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.reciprocal, file: file, line: line)
  }

  /// e to the power of each element.
  public func exp(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.exp, file: file, line: line)
  }

  /// 2 to the power of each element.
  public func exp2(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.exp2, file: file, line: line)
  }

  /// exp(x) - 1, exact near zero, of each element.
  public func expm1(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.expm1, file: file, line: line)
  }

  /// The natural logarithm of each element.
  public func log(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.log, file: file, line: line)
  }

  /// The base-2 logarithm of each element.
  public func log2(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.log2, file: file, line: line)
  }

  /// The base-10 logarithm of each element.
  public func log10(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.log10, file: file, line: line)
  }

  /// log(1 + x), exact near zero, of each element.
  public func log1p(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.log1p, file: file, line: line)
  }

  /// The sine of each element.
  public func sin(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.sin, file: file, line: line)
  }

  /// The cosine of each element.
  public func cos(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.cos, file: file, line: line)
  }

  /// The tangent of each element.
  public func tan(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.tan, file: file, line: line)
  }

  /// The inverse sine of each element.
  public func asin(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.asin, file: file, line: line)
  }

  /// The inverse cosine of each element.
  public func acos(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.acos, file: file, line: line)
  }

  /// The inverse tangent of each element.
  public func atan(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.atan, file: file, line: line)
  }

  /// The hyperbolic sine of each element.
  public func sinh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.sinh, file: file, line: line)
  }

  /// The hyperbolic cosine of each element.
  public func cosh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.cosh, file: file, line: line)
  }

  /// The hyperbolic tangent of each element.
  public func tanh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.tanh, file: file, line: line)
  }

  /// The inverse hyperbolic sine of each element.
  public func asinh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.asinh, file: file, line: line)
  }

  /// The inverse hyperbolic cosine of each element.
  public func acosh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.acosh, file: file, line: line)
  }

  /// The inverse hyperbolic tangent of each element.
  public func atanh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.atanh, file: file, line: line)
  }

  /// The error function of each element.
  public func erf(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.erf, file: file, line: line)
  }

  /// 1 / (1 + exp(-x)) of each element.
  public func sigmoid(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.sigmoid, file: file, line: line)
  }

  /// log(sigmoid(x)) of each element.
  public func logSigmoid(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.logSigmoid, file: file, line: line)
  }

  /// x sigmoid(x) of each element.
  public func silu(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.silu, file: file, line: line)
  }

  /// x tanh(softplus(x)) of each element.
  public func mish(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.mish, file: file, line: line)
  }

  /// clamp(x/6 + 1/2, 0, 1) of each element.
  public func hardSigmoid(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.hardSigmoid, file: file, line: line)
  }

  /// x hardSigmoid(x) of each element.
  public func hardSwish(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.hardSwish, file: file, line: line)
  }

  /// The larger of each element and zero.
  public func relu(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.relu, file: file, line: line)
  }

  /// How GELU is computed.
  public enum GELUApproximation: Sendable {
    /// With the error function.
    case none
    /// By a formula with tanh, as GPT-2 does.
    case tanh
  }

  /// x Φ(x) of each element, Φ being the normal distribution function (Hendrycks and Gimpel, arXiv:1606.08415).
  public func gelu(
    approximate: GELUApproximation = .none, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    unary(approximate == .none ? .gelu : .geluTanh, file: file, line: line)
  }

  /// log(1 + exp(βx)) / β of each element; x itself where βx is above the threshold.
  public func softplus(
    beta: Double = 1, threshold: Double = 20, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    unary(.softplus, beta, threshold, file: file, line: line)
  }

  /// x where positive, α(exp(x) - 1) elsewhere.
  public func elu(alpha: Double = 1, file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.elu, alpha, file: file, line: line)
  }

  /// x where positive, `slope`·x elsewhere.
  public func leakyRelu(slope: Double = 0.01, file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.leakyRelu, slope, file: file, line: line)
  }

  /// Each element, no less than `lowest` and no more than `highest`.
  public func clamp(
    _ lowest: Double = -.infinity, _ highest: Double = .infinity, file: StaticString = #file, line: UInt = #line
  ) -> Tensor {
    unary(.hardTanh, lowest, highest, file: file, line: line)
  }

  /// Each element, clamped between -1 and 1.
  public func hardTanh(file: StaticString = #file, line: UInt = #line) -> Tensor {
    unary(.hardTanh, -1, 1, file: file, line: line)
  }
}
