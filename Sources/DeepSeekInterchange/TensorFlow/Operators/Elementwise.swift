import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Functions of one element.
  static let elementwise: [TensorFlowOperator] = [
    unary("Abs", .abs), unary("Neg", .negate), unary("Sign", .sign), unary("Square", .square), unary("Sqrt", .sqrt),
    unary("Rsqrt", .rsqrt), unary("Reciprocal", .reciprocal), unary("Inv", .reciprocal), unary("Exp", .exp),
    unary("Expm1", .expm1), unary("Log", .log), unary("Log1p", .log1p), unary("Sin", .sin), unary("Cos", .cos),
    unary("Tan", .tan), unary("Asin", .asin), unary("Acos", .acos), unary("Atan", .atan), unary("Sinh", .sinh),
    unary("Cosh", .cosh), unary("Tanh", .tanh), unary("Asinh", .asinh), unary("Acosh", .acosh), unary("Atanh", .atanh),
    unary("Erf", .erf), unary("Sigmoid", .sigmoid), unary("Relu", .relu), unary("Floor", .floor), unary("Ceil", .ceil),
    unary("Round", .round), unary("Rint", .round), unary("LogicalNot", .logicalNot), unary("Invert", .bitwiseNot),
    unary("IsNan", .isNaN), unary("IsInf", .isInfinite), unary("IsFinite", .isFinite),
    unary("Relu6", .hardTanh, 0, 6), unary("Elu", .elu, 1),
    // Above the threshold the difference is below every type's precision, and below it exp stays finite in float32.
    unary("Softplus", .softplus, 1, 40),
    elementwise("Selu") { try $0.unary(.multiplyScalar, $0.unary(.elu, $1, seluAlpha), seluScale) },
    elementwise("LeakyRelu") { try $0.unary(.leakyRelu, $1, $0.float("alpha", default: 0.2)) },
    elementwise("Softsign") { node, x in
      try node.binary(.divide, x, node.unary(.addScalar, node.unary(.abs, x), 1))
    },
    elementwise("Erfc") { try $0.unary(.addScalar, $0.unary(.negate, $0.unary(.erf, $1)), 1) },
    elementwise("Cast") { try $0.cast($1, to: $0.dtype("DstT")) },
    elementwise("ZerosLike") { try $0.broadcast($0.scalar(0, $1.dtype), to: $1.shape) },
    elementwise("OnesLike") { try $0.broadcast($0.scalar(1, $1.dtype), to: $1.shape) },
    TensorFlowOperator("ClipByValue", 3) { node in
      let x = try node.tensor(0)
      return try node.binary(.minimum, node.binary(.maximum, x, node.tensor(1)), node.tensor(2))
    },
    TensorFlowOperator("Softmax", 1) { try $0.softmax(isLogarithm: false) },
    TensorFlowOperator("LogSoftmax", 1) { try $0.softmax(isLogarithm: true) },
    TensorFlowOperator("L2Loss", 1) { node in
      let x = try node.tensor(0)
      let sum = try node.reduced(.sumSquares, x, Array(0..<x.rank), keepsAxes: false)
      return try node.unary(.multiplyScalar, sum, 0.5)
    },
  ]

  /// Klambauer et al., arXiv:1706.02515.
  private static let seluAlpha = 1.6732632423543772848170429916717
  private static let seluScale = 1.0507009873554804934193349852946

  /// Functions of two elements, and choices between two.
  static let binary: [TensorFlowOperator] =
    [
      binary("Add", .add), binary("AddV2", .add), binary("Sub", .subtract), binary("Mul", .multiply),
      binary("RealDiv", .divide), binary("FloorMod", .remainder), binary("Mod", .fmod), binary("TruncateMod", .fmod),
      binary("Pow", .power), binary("Maximum", .maximum), binary("Minimum", .minimum), binary("Atan2", .atan2),
      binary("Equal", .equal), binary("NotEqual", .notEqual), binary("Less", .less), binary("LessEqual", .lessEqual),
      binary("Greater", .greater), binary("GreaterEqual", .greaterEqual), bounding("LogicalAnd", .logicalAnd),
      binary("LogicalOr", .logicalOr), binary("BitwiseAnd", .bitwiseAnd), binary("BitwiseOr", .bitwiseOr),
      binary("BitwiseXor", .bitwiseXor), binary("LeftShift", .shiftLeft), binary("RightShift", .shiftRight),
      broadcasting("FloorDiv") { node, a, b in
        if a.dtype.isFloatingPoint { return try node.unary(.floor, node.binary(.divide, a, b)) }
        return try node.binary(.floorDivide, a, b)
      },
      broadcasting("Div") { try $0.quotient($1, $2) },
      broadcasting("TruncateDiv") { try $0.quotient($1, $2) },
      broadcasting("SquaredDifference") { try $0.unary(.square, $0.binary(.subtract, $1, $2)) },
      broadcasting("DivNoNan") { node, a, b in
        let zero = try node.scalar(0, a.dtype)
        return try node.chosen(node.binary(.equal, b, zero), zero, node.binary(.divide, a, b))
      },
      broadcasting("Xdivy") { node, a, b in
        let zero = try node.scalar(0, a.dtype)
        return try node.chosen(node.binary(.equal, a, zero), zero, node.binary(.divide, a, b))
      },
      broadcasting("Xlogy") { node, a, b in
        let zero = try node.scalar(0, a.dtype)
        return try node.chosen(node.binary(.equal, a, zero), zero, node.binary(.multiply, a, node.unary(.log, b)))
      },
      TensorFlowOperator("SelectV2", 3) { try $0.chosen($0.tensor(0), $0.tensor(1), $0.tensor(2)) },
      TensorFlowOperator("Select", 3) { node in
        var condition = try node.tensor(0)
        let (a, b) = (try node.tensor(1), try node.tensor(2))
        // A vector chooses whole entries of the first axis.
        if condition.rank == 1 && a.rank > 1 {
          let ones = Array(repeating: Dimension(1), count: a.rank - 1)
          condition = try node.reshaped(condition, [condition.dimension(0)] + ones)
        }
        return try node.chosen(condition, a, b)
      },
      TensorFlowOperator("AddN", 1...Int.max) { node in
        var sum = try node.tensor(0)
        for index in node.inputs.indices.dropFirst() { sum = try node.binary(.add, sum, node.tensor(index)) }
        return [ImportedValue(sum)]
      },
    ]
}

extension TensorFlowOperator {
  /// Two conditions at once. Where one is known, as a loop's bound is, the other decides, or none does.
  private static func bounding(_ name: String, _ function: BinaryOperator.Function) -> TensorFlowOperator {
    let both = binary(name, function)
    return TensorFlowOperator(name, both.inputs) { node in
      for (place, value) in node.inputs.enumerated() where value.tensor.graphValue == nil {
        var other = node.inputs[1 - place]
        guard value.tensor.spec == other.tensor.spec, value.tensor.spec == TensorSpec(.bool, []) else { continue }
        if !value.tensor.item(as: Bool.self) { return [value] }
        other.isBounded = true
        return [other]
      }
      return try both.build(node)
    }
  }
}

extension TensorFlowNode {
  func softmax(isLogarithm: Bool) throws -> Tensor {
    let x = try tensor(0)
    guard x.rank >= 1 else { throw invalid("a scalar has no last axis") }
    return try apply(SoftmaxOperator(x.rank - 1, isLogarithm: isLogarithm), x)
  }
}
