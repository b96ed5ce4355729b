import CDeepSeekKernels

extension UnaryOperator {
  /// The functions of one number.
  public enum Function: String, Sendable, Hashable, CaseIterable, Codable {
    /// Negative.
    case negate
    /// Absolute value.
    case abs
    /// -1, 0 or 1.
    case sign
    /// Square root.
    case sqrt
    /// One over the square root.
    case rsqrt
    /// One over it.
    case reciprocal
    /// Its square.
    case square
    /// e to its power.
    case exp
    /// 2 to its power.
    case exp2
    /// exp(x) - 1, exact near zero.
    case expm1
    /// Natural logarithm.
    case log
    /// Base-2 logarithm.
    case log2
    /// Base-10 logarithm.
    case log10
    /// log(1 + x), exact near zero.
    case log1p
    /// Sine of radians.
    case sin
    /// Cosine of radians.
    case cos
    /// Tangent of radians.
    case tan
    /// Inverse sine.
    case asin
    /// Inverse cosine.
    case acos
    /// Inverse tangent.
    case atan
    /// Hyperbolic sine.
    case sinh
    /// Hyperbolic cosine.
    case cosh
    /// Hyperbolic tangent.
    case tanh
    /// Inverse hyperbolic sine.
    case asinh
    /// Inverse hyperbolic cosine.
    case acosh
    /// Inverse hyperbolic tangent.
    case atanh
    /// Error function.
    case erf
    /// 1 / (1 + exp(-x)).
    case sigmoid
    /// log(sigmoid(x)), exact for large negative x.
    case logSigmoid = "log_sigmoid"
    /// max(x, 0).
    case relu
    /// x Φ(x), with the error function (Hendrycks and Gimpel, arXiv:1606.08415).
    case gelu
    /// The tanh approximation of GELU.
    case geluTanh = "gelu_tanh"
    /// x sigmoid(x).
    case silu
    /// log(1 + exp(βx)) / β; x itself above the threshold. Parameters: β, threshold.
    case softplus
    /// x, or α(exp(x) - 1) below zero. Parameter: α.
    case elu
    /// x, or slope·x below zero. Parameter: slope.
    case leakyRelu = "leaky_relu"
    /// clamp(x / 6 + 1/2, 0, 1).
    case hardSigmoid = "hard_sigmoid"
    /// x hardSigmoid(x).
    case hardSwish = "hard_swish"
    /// Clamped between two limits. Parameters: lowest, highest.
    case hardTanh = "hard_tanh"
    /// x tanh(softplus(x)).
    case mish
    /// Rounded down.
    case floor
    /// Rounded up.
    case ceil
    /// Rounded to the nearest integer, ties to even.
    case round
    /// Rounded towards zero.
    case trunc
    /// Whether it is zero.
    case logicalNot = "logical_not"
    /// All bits flipped; logical not for bool.
    case bitwiseNot = "bitwise_not"
    /// Whether it is NaN.
    case isNaN = "is_nan"
    /// Whether it is infinite.
    case isInfinite = "is_infinite"
    /// Whether it is neither NaN nor infinite.
    case isFinite = "is_finite"
    /// Plus a number. Parameter: the number.
    case addScalar = "add_scalar"
    /// Times a number. Parameter: the number.
    case multiplyScalar = "multiply_scalar"

    enum OutputType {
      case same, floating, bool
    }

    /// Whether it takes any number and gives the same type, takes floats alone, or gives `bool`.
    var outputType: OutputType {
      switch self {
      case .logicalNot, .isNaN, .isInfinite, .isFinite: .bool
      case .negate, .abs, .sign, .square, .relu, .hardTanh, .floor, .ceil, .round, .trunc, .bitwiseNot, .addScalar,
        .multiplyScalar:
        .same
      default: .floating
      }
    }

    /// Whether it is a neural network's activation whose gradient reads the input.
    var isActivation: Bool {
      switch self {
      case .gelu, .geluTanh, .silu, .softplus, .elu, .leakyRelu, .hardSigmoid, .hardSwish, .hardTanh, .mish,
        .logSigmoid:
        true
      default: false
      }
    }

    /// Whether it grows or falls so fast that 16 bits are too few for what goes in.
    var isSteep: Bool {
      switch self {
      case .rsqrt, .reciprocal, .square, .exp, .exp2, .expm1, .log, .log2, .log10, .log1p, .tan, .asin, .acos, .sinh,
        .cosh, .logSigmoid, .softplus:
        true
      default: false
      }
    }

    var kernel: ds_unary_op {
      switch self {
      case .negate: DS_UNARY_NEGATE
      case .abs: DS_UNARY_ABS
      case .sign: DS_UNARY_SIGN
      case .sqrt: DS_UNARY_SQRT
      case .rsqrt: DS_UNARY_RSQRT
      case .reciprocal: DS_UNARY_RECIPROCAL
      case .square: DS_UNARY_SQUARE
      case .exp: DS_UNARY_EXP
      case .exp2: DS_UNARY_EXP2
      case .expm1: DS_UNARY_EXPM1
      case .log: DS_UNARY_LOG
      case .log2: DS_UNARY_LOG2
      case .log10: DS_UNARY_LOG10
      case .log1p: DS_UNARY_LOG1P
      case .sin: DS_UNARY_SIN
      case .cos: DS_UNARY_COS
      case .tan: DS_UNARY_TAN
      case .asin: DS_UNARY_ASIN
      case .acos: DS_UNARY_ACOS
      case .atan: DS_UNARY_ATAN
      case .sinh: DS_UNARY_SINH
      case .cosh: DS_UNARY_COSH
      case .tanh: DS_UNARY_TANH
      case .asinh: DS_UNARY_ASINH
      case .acosh: DS_UNARY_ACOSH
      case .atanh: DS_UNARY_ATANH
      case .erf: DS_UNARY_ERF
      case .sigmoid: DS_UNARY_SIGMOID
      case .logSigmoid: DS_UNARY_LOG_SIGMOID
      case .relu: DS_UNARY_RELU
      case .gelu: DS_UNARY_GELU
      case .geluTanh: DS_UNARY_GELU_TANH
      case .silu: DS_UNARY_SILU
      case .softplus: DS_UNARY_SOFTPLUS
      case .elu: DS_UNARY_ELU
      case .leakyRelu: DS_UNARY_LEAKY_RELU
      case .hardSigmoid: DS_UNARY_HARD_SIGMOID
      case .hardSwish: DS_UNARY_HARD_SWISH
      case .hardTanh: DS_UNARY_HARD_TANH
      case .mish: DS_UNARY_MISH
      case .floor: DS_UNARY_FLOOR
      case .ceil: DS_UNARY_CEIL
      case .round: DS_UNARY_ROUND
      case .trunc: DS_UNARY_TRUNC
      case .logicalNot: DS_UNARY_LOGICAL_NOT
      case .bitwiseNot: DS_UNARY_BITWISE_NOT
      case .isNaN: DS_UNARY_IS_NAN
      case .isInfinite: DS_UNARY_IS_INFINITE
      case .isFinite: DS_UNARY_IS_FINITE
      case .addScalar: DS_UNARY_ADD_SCALAR
      case .multiplyScalar: DS_UNARY_MULTIPLY_SCALAR
      }
    }
  }
}
