import DeepSeekOperators
import DeepSeekTensor

extension UnaryOperator.Function {
  /// PyTorch's operator for elements of a type; `nil` when the stable interface reaches none.
  func aten(_ dtype: DType) -> String? {
    if dtype == .bool { return self == .logicalNot || self == .bitwiseNot ? rawValue : nil }
    if !dtype.isFloatingPoint {
      switch self {
      case .negate: return "neg"
      case .abs, .sign, .square, .relu, .logicalNot, .bitwiseNot: return rawValue
      default: return nil
      }
    }
    switch self {
    case .negate: return "neg"
    case .geluTanh: return "gelu"
    case .hardSigmoid: return "hardsigmoid"
    case .hardSwish: return "hardswish"
    case .isNaN: return "isnan"
    case .isInfinite: return "isinf"
    case .isFinite: return "isfinite"
    case .softplus, .elu, .leakyRelu, .hardTanh, .addScalar, .multiplyScalar, .bitwiseNot: return nil
    default: return rawValue
    }
  }

  /// PyTorch's operator for the gradient, of the upstream gradient and what ours reads; `nil` when the stable interface
  /// reaches none.
  var atenGradient: String? {
    switch self {
    case .sigmoid, .tanh, .gelu, .silu, .mish: rawValue + "_backward"
    case .geluTanh: "gelu_backward"
    case .hardSigmoid: "hardsigmoid_backward"
    case .hardSwish: "hardswish_backward"
    default: nil
    }
  }
}

extension BinaryOperator.Function {
  /// PyTorch's operator for elements of a type; `nil` when the stable interface reaches none.
  func aten(_ dtype: DType) -> String? {
    if dtype == .bool {
      switch self {
      case .equal: return "eq.Tensor"
      case .notEqual: return "ne.Tensor"
      case .logicalAnd, .logicalOr, .logicalXor: return rawValue
      case .bitwiseAnd, .bitwiseOr, .bitwiseXor: return rawValue + ".Tensor"
      default: return nil
      }
    }
    switch self {
    case .add, .subtract, .maximum, .minimum, .logicalAnd, .logicalOr, .logicalXor: return rawValue
    case .multiply: return "mul.Tensor"
    case .equal: return "eq.Tensor"
    case .notEqual: return "ne.Tensor"
    case .less: return "lt.Tensor"
    case .lessEqual: return "le.Tensor"
    case .greater: return "gt.Tensor"
    case .greaterEqual: return "ge.Tensor"
    case .power: return "pow.Tensor_Tensor"
    case .bitwiseAnd, .bitwiseOr, .bitwiseXor: return dtype.isFloatingPoint ? nil : rawValue + ".Tensor"
    case .shiftLeft: return dtype.isFloatingPoint ? nil : "bitwise_left_shift.Tensor"
    case .shiftRight: return dtype.isFloatingPoint ? nil : "bitwise_right_shift.Tensor"
    case .divide: return dtype.isFloatingPoint ? "div.Tensor" : nil
    case .atan2: return dtype.isFloatingPoint ? "atan2" : nil
    case .floorDivide: return dtype.isFloatingPoint ? "floor_divide" : nil
    case .remainder: return dtype.isFloatingPoint ? "remainder.Tensor" : nil
    case .fmod: return dtype.isFloatingPoint ? "fmod.Tensor" : nil
    }
  }
}

extension ReduceOperator {
  /// PyTorch's operator for elements of a type; `nil` when the stable interface reaches none.
  func aten(_ dtype: DType) -> String? {
    if axes.isEmpty { return nil }
    let isSummed = dtype.isFloatingPoint || dtype == .int64
    switch function {
    case .sum: return isSummed ? "sum.dim_IntList" : nil
    case .product: return isSummed ? "prod.dim_int" : nil
    case .mean: return "mean.dim"
    case .max: return dtype == .bool ? nil : "amax"
    case .min: return dtype == .bool ? nil : "amin"
    case .any: return dtype == .bool ? "any.dims" : nil
    case .all: return dtype == .bool ? "all.dims" : nil
    case .logSumExp: return "logsumexp"
    case .sumSquares: return nil
    }
  }
}
