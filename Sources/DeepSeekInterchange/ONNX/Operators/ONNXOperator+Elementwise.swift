import DeepSeekOperators
import DeepSeekTensor

extension ONNXOperator {
  /// Functions of one element.
  static let elementwise: [ONNXOperator] = [
    unary("Sqrt", .sqrt), unary("Reciprocal", .reciprocal), unary("Exp", .exp), unary("Log", .log), unary("Sin", .sin),
    unary("Cos", .cos), unary("Tan", .tan), unary("Asin", .asin), unary("Acos", .acos), unary("Atan", .atan),
    unary("Sinh", .sinh), unary("Cosh", .cosh), unary("Asinh", .asinh), unary("Acosh", .acosh),
    unary("Atanh", .atanh), unary("Erf", .erf), unary("Floor", .floor), unary("Ceil", .ceil), unary("Round", .round),
    unary("Not", .logicalNot), unary("BitwiseNot", .bitwiseNot), unary("IsNaN", .isNaN), unary("Neg", .negate),
    elementwise("Abs") { node, x in try node.inArithmetic(x) { try node.unary(.abs, $0) } },
    elementwise("Sign") { node, x in try node.inArithmetic(x) { try node.unary(.sign, $0) } },
    ONNXOperator("Identity", 1...1, values: { [try $0.value(0)] }),
    elementwise("IsInf") { node, x in
      let isInfinite = try node.unary(.isInfinite, x)
      let (wantsNegative, wantsPositive) = (
        try node.bool("detect_negative", default: true), try node.bool("detect_positive", default: true)
      )
      if wantsNegative && wantsPositive { return isInfinite }
      let zero = try node.scalar(0, x.dtype)
      let none = try node.binary(.logicalAnd, isInfinite, node.unary(.logicalNot, isInfinite))
      if !wantsNegative && !wantsPositive { return none }
      return try node.binary(.logicalAnd, isInfinite, node.binary(wantsPositive ? .greater : .less, x, zero))
    },
    elementwise("Cast") { try $0.cast($1, to: $0.dtype("to")) },
    ONNXOperator("CastLike", 2...2, tensor: { try $0.cast($0.tensor(0), to: $0.tensor(1).dtype) }),
    ONNXOperator(
      "Clip", 1...3,
      tensor: { node in
        let x = try node.tensor(0)
        return try node.inArithmetic(x) { wide in
          var result = wide
          for (index, key, function) in [(1, "min", BinaryOperator.Function.maximum), (2, "max", .minimum)] {
            if let limit = node.optional(index) {
              result = try node.binary(function, result, node.cast(limit, to: result.dtype))
            } else if node.attributes[key] != nil {
              result = try node.binary(function, result, node.scalar(node.float(key), result.dtype))
            }
          }
          return result
        }
      }),
    ONNXOperator(
      "Dropout", 1...3,
      values: { node in
        let x = try node.tensor(0)
        if node.has(2), try node.truth(2), try node.number(input: 1, orAttribute: "ratio") ?? 0.5 != 0 {
          throw node.unsupported("it drops at random", advice: "export the model for inference")
        }
        let isNumber = node.version < 10
        let mask = try node.broadcast(isNumber ? node.scalar(1, x.dtype) : Tensor([], [true]), to: x.shape)
        return [try node.value(0), ImportedValue(mask)]
      }),
  ]

  /// What neural networks put behind their layers.
  static let activations: [ONNXOperator] = [
    unary("Sigmoid", .sigmoid), unary("Tanh", .tanh), unary("HardSwish", .hardSwish), unary("Mish", .mish),
    // Above the threshold the difference is below every type's precision, and below it exp stays finite in float32.
    unary("Softplus", .softplus, 1, 40),
    elementwise("Relu") { node, x in try node.inArithmetic(x) { try node.unary(.relu, $0) } },
    elementwise("Elu") { try $0.unary(.elu, $1, $0.float("alpha", default: 1)) },
    elementwise("Celu") { node, x in
      let alpha = try node.float("alpha", default: 1)
      guard alpha != 0 else { throw node.invalid("alpha 0") }
      return try node.unary(.multiplyScalar, node.unary(.elu, node.unary(.multiplyScalar, x, 1 / alpha), 1), alpha)
    },
    elementwise("Selu") { node, x in
      // Klambauer et al., arXiv:1706.02515.
      let alpha = try node.float("alpha", default: 1.6732632423543772)
      return try node.unary(
        .multiplyScalar, node.unary(.elu, x, alpha), node.float("gamma", default: 1.0507009873554805))
    },
    elementwise("LeakyRelu") { try $0.unary(.leakyRelu, $1, $0.float("alpha", default: 0.01)) },
    elementwise("ThresholdedRelu") { node, x in
      let isAbove = try node.binary(.greater, x, node.scalar(node.float("alpha", default: 1), x.dtype))
      return try node.chosen(isAbove, x, node.scalar(0, x.dtype))
    },
    elementwise("HardSigmoid") { node, x in
      try node.hardSigmoid(x, node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
    },
    elementwise("Softsign") { node, x in
      try node.binary(.divide, x, node.unary(.addScalar, node.unary(.abs, x), 1))
    },
    elementwise("Gelu") { node, x in
      try node.unary(node.string("approximate", default: "none") == "tanh" ? .geluTanh : .gelu, x)
    },
    elementwise("Shrink") { node, x in
      let (bias, limit) = (try node.float("bias", default: 0), try node.float("lambd", default: 0.5))
      return try node.inFloating(x) { x in
        let zero = try node.scalar(0, x.dtype)
        let low = try node.binary(.less, x, node.scalar(-limit, x.dtype))
        let high = try node.binary(.greater, x, node.scalar(limit, x.dtype))
        let upper = try node.chosen(high, node.unary(.addScalar, x, -bias), zero)
        return try node.chosen(low, node.unary(.addScalar, x, bias), upper)
      }
    },
    ONNXOperator(
      "PRelu", 2...2,
      tensor: { node in
        let x = try node.tensor(0)
        var slope = try node.tensor(1)
        // Before version 7 a list has one slope for each channel.
        if node.version < 7 && slope.rank == 1 && x.rank > 1 { slope = try node.perChannel(slope, rank: x.rank) }
        let isNegative = try node.binary(.less, x, node.scalar(0, x.dtype))
        return try node.chosen(isNegative, node.binary(.multiply, x, slope), x)
      }),
  ]

  /// Functions of two elements and more, and choices between two.
  static let binary: [ONNXOperator] = [
    binary("Add", .add), binary("Sub", .subtract), binary("Mul", .multiply), binary("Equal", .equal),
    binary("Less", .less), binary("LessOrEqual", .lessEqual), binary("Greater", .greater),
    binary("GreaterOrEqual", .greaterEqual), binary("And", .logicalAnd), binary("Or", .logicalOr),
    binary("Xor", .logicalXor), binary("BitwiseAnd", .bitwiseAnd), binary("BitwiseOr", .bitwiseOr),
    binary("BitwiseXor", .bitwiseXor),
    broadcasting("Div") { node, a, b in
      a.dtype.isArithmetic || !a.dtype.isInteger ? try node.quotient(a, b) : try node.arithmetic(.floorDivide, a, b)
    },
    broadcasting("Mod") { node, a, b in
      if try !node.bool("fmod") && a.dtype.isFloatingPoint { throw node.invalid("fmod 0 for \(a.dtype)") }
      return try node.arithmetic(node.bool("fmod") ? .fmod : .remainder, a, b)
    },
    broadcasting("Pow") { node, a, b in
      if a.dtype == b.dtype { return try node.arithmetic(.power, a, b) }
      if a.dtype.isFloatingPoint { return try node.binary(.power, a, node.cast(b, to: a.dtype)) }
      let power = try node.binary(.power, node.cast(a, to: .float64), node.cast(b, to: .float64))
      return try node.cast(power, to: a.dtype)
    },
    broadcasting("BitShift") { node, a, b in
      switch try node.string("direction") {
      case "LEFT": return try node.arithmetic(.shiftLeft, a, b)
      case "RIGHT":
        guard a.dtype != .uint64 else { throw node.unsupported("shifting uint64 to the right") }
        return try node.arithmetic(.shiftRight, a, b)
      case let other: throw node.invalid("direction '\(other)'")
      }
    },
    variadic("Max", .maximum), variadic("Min", .minimum), variadic("Sum", .add),
    ONNXOperator(
      "Mean", 1...Int.max,
      tensor: { node in
        try node.unary(.multiplyScalar, node.folded(.add), 1 / Double(node.inputs.count))
      }),
    ONNXOperator("Where", 3...3, tensor: { try $0.chosen($0.tensor(0), $0.tensor(1), $0.tensor(2)) }),
  ]

  private static func variadic(_ name: String, _ function: BinaryOperator.Function) -> ONNXOperator {
    ONNXOperator(name, 1...Int.max, tensor: { try $0.folded(function) })
  }
}

extension ONNXNode {
  /// All inputs joined by a function of two.
  func folded(_ function: BinaryOperator.Function) throws -> Tensor {
    var result = try tensor(0)
    for index in inputs.indices.dropFirst() { result = try arithmetic(function, result, tensor(index)) }
    return result
  }

  /// alpha x + beta, cut to 0 … 1.
  func hardSigmoid(_ x: Tensor, _ alpha: Double, _ beta: Double) throws -> Tensor {
    try unary(.hardTanh, unary(.addScalar, unary(.multiplyScalar, x, alpha), beta), 0, 1)
  }
}
