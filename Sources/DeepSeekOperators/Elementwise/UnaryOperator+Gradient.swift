public import DeepSeekTensor

extension UnaryOperator {
  /// What each rule below reads: the output where that says it all, else the input.
  public func residuals(wanting gradients: IndexSet64) -> Residuals {
    switch function {
    case .negate, .sign, .floor, .ceil, .round, .trunc, .addScalar, .multiplyScalar: Residuals()
    case .sqrt, .rsqrt, .reciprocal, .exp, .exp2, .expm1, .tan, .tanh, .sigmoid, .relu: Residuals(outputs: [0])
    default: Residuals(inputs: [0])
    }
  }

  /// The gradient: the upstream one times the derivative. At a kink (zero of `abs` and `relu`) the derivative is 0.
  public func gradient(_ context: GradientContext) -> [Tensor?] {
    let g = context.gradient
    switch function {
    case .negate: return [-g]
    case .sign, .floor, .ceil, .round, .trunc: return [Tensor.zeros(like: g)]
    case .addScalar: return [g]
    case .multiplyScalar: return [g * parameters[0]]
    case .sqrt: return [g * 0.5 / context.output(0)]
    case .rsqrt: return [g * -0.5 * context.output(0).power(3)]
    case .reciprocal: return [-g * context.output(0).square()]
    case .exp: return [g * context.output(0)]
    case .exp2: return [g * context.output(0) * Constants.ln2]
    case .expm1: return [g * (context.output(0) + 1)]
    case .tan: return [g * (context.output(0).square() + 1)]
    default: break
    }
    if let fused = UnaryGradientOperator(function, parameters) {
      return [apply(fused, fused.readsOutput ? context.output(0) : context.input(0), g)]
    }
    return [g * derivative(context.input(0))]
  }

  private func derivative(_ x: Tensor) -> Tensor {
    switch function {
    case .abs: x.sign()
    case .square: x * 2
    case .log: x.reciprocal()
    case .log2: (x * Constants.ln2).reciprocal()
    case .log10: (x * Constants.ln10).reciprocal()
    case .log1p: (x + 1).reciprocal()
    case .sin: x.cos()
    case .cos: -x.sin()
    case .asin: (1 - x.square()).rsqrt()
    case .acos: -(1 - x.square()).rsqrt()
    case .atan: (x.square() + 1).reciprocal()
    case .sinh: x.cosh()
    case .cosh: x.sinh()
    case .asinh: (x.square() + 1).rsqrt()
    case .acosh: (x.square() - 1).rsqrt()
    case .atanh: (1 - x.square()).reciprocal()
    case .erf: (-x.square()).exp() * Constants.twoOverSqrtPi
    default: fatalError("\(name): no gradient rule")
    }
  }
}

/// Numbers that gradient rules need.
enum Constants {
  static let ln2 = 0.693147180559945309417
  static let ln10 = 2.302585092994045684018
  static let twoOverSqrtPi = 1.128379167095512573896
  static let sqrtHalf = 0.707106781186547524401
  static let inverseSqrtTwoPi = 0.398942280401432677940
  /// √(2/π), the scale of GELU's tanh form.
  static let geluTanhScale = 0.797884560802865355880
  /// The weight of x³ in GELU's tanh form.
  static let geluTanhCubic = 0.044715
}
