import DeepSeekOperators
import DeepSeekTensor

extension UnaryOperator.Function {
  /// TensorFlow's operation for elements of a type; `nil` when it has none.
  func tensorflow(_ dtype: DType) -> String? {
    if dtype == .bool { return self == .logicalNot ? "LogicalNot" : nil }
    if !dtype.isFloatingPoint {
      switch self {
      case .negate: return "Neg"
      case .abs: return "Abs"
      case .sign: return "Sign"
      case .bitwiseNot: return "Invert"
      default: return nil
      }
    }
    return UnaryOperator.Function.tensorflowFloats[self]
  }

  private static let tensorflowFloats: [UnaryOperator.Function: String] = [
    .negate: "Neg", .abs: "Abs", .sign: "Sign", .sqrt: "Sqrt", .rsqrt: "Rsqrt", .reciprocal: "Reciprocal",
    .square: "Square", .exp: "Exp", .expm1: "Expm1", .log: "Log", .log1p: "Log1p", .sin: "Sin", .cos: "Cos",
    .tan: "Tan", .asin: "Asin", .acos: "Acos", .atan: "Atan", .sinh: "Sinh", .cosh: "Cosh", .tanh: "Tanh",
    .asinh: "Asinh", .acosh: "Acosh", .atanh: "Atanh", .erf: "Erf", .sigmoid: "Sigmoid", .relu: "Relu",
    .floor: "Floor", .ceil: "Ceil", .round: "Rint", .isNaN: "IsNan", .isInfinite: "IsInf", .isFinite: "IsFinite",
  ]
}

extension BinaryOperator.Function {
  /// TensorFlow's operation for elements of a type; `nil` when it has none.
  func tensorflow(_ dtype: DType) -> String? {
    switch self {
    case .logicalAnd: return dtype == .bool ? "LogicalAnd" : nil
    case .logicalOr: return dtype == .bool ? "LogicalOr" : nil
    case .equal: return "Equal"
    case .notEqual: return "NotEqual"
    default: break
    }
    if dtype == .bool { return nil }
    if dtype.isFloatingPoint {
      switch self {
      case .divide: return "RealDiv"
      case .power: return "Pow"
      case .atan2: return "Atan2"
      default: break
      }
    } else if let name = BinaryOperator.Function.tensorflowWhole[self] {
      return name
    }
    return BinaryOperator.Function.tensorflowNumbers[self]
  }

  private static let tensorflowNumbers: [BinaryOperator.Function: String] = [
    .add: "AddV2", .subtract: "Sub", .multiply: "Mul", .maximum: "Maximum", .minimum: "Minimum", .less: "Less",
    .lessEqual: "LessEqual", .greater: "Greater", .greaterEqual: "GreaterEqual",
  ]

  private static let tensorflowWhole: [BinaryOperator.Function: String] = [
    .power: "Pow", .bitwiseAnd: "BitwiseAnd", .bitwiseOr: "BitwiseOr", .bitwiseXor: "BitwiseXor",
    .shiftLeft: "LeftShift", .shiftRight: "RightShift",
  ]
}

extension ReduceOperator {
  /// TensorFlow's operation for elements of a type; `nil` when it has none.
  func tensorflow(_ dtype: DType) -> String? {
    if axes.isEmpty { return nil }
    let isSummed = dtype.isFloatingPoint || dtype == .int64
    switch function {
    case .sum: return isSummed ? "Sum" : nil
    case .product: return isSummed ? "Prod" : nil
    case .mean: return "Mean"
    case .max: return dtype == .bool ? nil : "Max"
    case .min: return dtype == .bool ? nil : "Min"
    case .any: return dtype == .bool ? "Any" : nil
    case .all: return dtype == .bool ? "All" : nil
    case .sumSquares, .logSumExp: return nil
    }
  }
}
