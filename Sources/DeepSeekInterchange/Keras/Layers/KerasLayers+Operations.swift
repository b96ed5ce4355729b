import DeepSeekJSON
import DeepSeekOperators
import DeepSeekStatic
import DeepSeekTensor

extension KerasLayerKind {
  /// Operations of `keras.ops` between the layers of a functional model of Keras 3, as `x + y` or `x * 2` make them.
  static let operations: [String: KerasLayerKind] = {
    var rows: [String: KerasLayerKind] = [:]
    let pairs: [(String, BinaryOperator.Function, @Sendable (Tensor, Tensor) -> Tensor)] = [
      ("Add", .add, { $0 + $1 }), ("Subtract", .subtract, { $0 - $1 }), ("Multiply", .multiply, { $0 * $1 }),
      ("TrueDivide", .divide, { $0 / $1 }), ("Divide", .divide, { $0 / $1 }), ("Maximum", .maximum, { $0.maximum($1) }),
      ("Minimum", .minimum, { $0.minimum($1) }), ("Power", .power, { $0.power($1) }),
    ]
    for (name, function, body) in pairs { rows["ops." + name] = pair(name, function, keepsType: true, body) }
    let comparisons: [(String, BinaryOperator.Function, @Sendable (Tensor, Tensor) -> Tensor)] = [
      ("Equal", .equal, { $0.equal(to: $1) }), ("NotEqual", .notEqual, { $0.notEqual(to: $1) }),
      ("Less", .less, { $0.less(than: $1) }), ("LessEqual", .lessEqual, { $0.lessOrEqual(to: $1) }),
      ("Greater", .greater, { $0.greater(than: $1) }), ("GreaterEqual", .greaterEqual, { $0.greaterOrEqual(to: $1) }),
      ("LogicalAnd", .logicalAnd, { $0.logicalAnd($1) }), ("LogicalOr", .logicalOr, { $0.logicalOr($1) }),
    ]
    for (name, function, body) in comparisons { rows["ops." + name] = pair(name, function, keepsType: false, body) }
    let single: [(String, @Sendable (Tensor) -> Tensor)] = [
      ("Exp", { $0.exp() }), ("Log", { $0.log() }), ("Sqrt", { $0.sqrt() }), ("Square", { $0.square() }),
      ("Absolute", { $0.abs() }), ("Abs", { $0.abs() }), ("Negative", { -$0 }), ("Tanh", { $0.tanh() }),
      ("Sigmoid", { $0.sigmoid() }), ("Relu", { $0.relu() }), ("Sin", { $0.sin() }), ("Cos", { $0.cos() }),
      ("Rsqrt", { $0.rsqrt() }), ("Softplus", { $0.softplus() }), ("Silu", { $0.silu() }),
    ]
    for (name, body) in single {
      rows["ops." + name] = KerasLayerKind { context in
        _ = try context.input()
        return KerasLayer(KerasComputed(name) { body($0[0]) })
      }
    }
    rows["ops.LogicalNot"] = KerasLayerKind { context in
      guard try context.single().dtype == .bool else { throw context.unsupported("its input is \(context.specs[0])") }
      return KerasLayer(KerasComputed("LogicalNot") { $0[0].equal(to: Tensor.zeros([], dtype: .bool)) })
    }
    let reductions: [(String, Bool, @Sendable (Tensor, Int, Bool) -> Tensor)] = [
      ("Any", true, { $0.any(axis: $1, keepAxes: $2) }), ("All", true, { $0.all(axis: $1, keepAxes: $2) }),
      ("Sum", false, { $0.sum(axis: $1, keepAxes: $2) }), ("Mean", false, { $0.mean(axis: $1, keepAxes: $2) }),
      ("Max", false, { $0.max(axis: $1, keepAxes: $2) }), ("Min", false, { $0.min(axis: $1, keepAxes: $2) }),
    ]
    for (name, ofTruths, body) in reductions { rows["ops." + name] = reduction(name, ofTruths, body) }
    for (name, number) in [("ZerosLike", 0.0), ("OnesLike", 1.0)] {
      rows["ops." + name] = KerasLayerKind { context in
        let spec = try context.single()
        let type = try context.value(["dtype"]) == nil ? nil : context.string("dtype", default: "")
        let given = type.map { DType(name: $0) } ?? spec.dtype
        guard let dtype = given, dtype.isArithmetic || dtype == .bool, spec.dtype.isArithmetic else {
          throw context.unsupported("'dtype' is '\(type ?? "")' of \(spec)")
        }
        return KerasLayer(
          KerasComputed(name) { inputs in
            (number == 0 ? Tensor.zeros(like: inputs[0]) : Tensor.ones(like: inputs[0])).cast(to: dtype)
          })
      }
    }
    rows["ops.Concatenate"] = KerasLayerKind { context in
      KerasLayer(Keras.Layers.Concatenate(axis: try context.concatenationAxis(context.specs)))
    }
    rows["ops.ExpandDims"] = KerasLayerKind { context in
      let rank = try context.single().shape.rank
      guard let axis = try context.integers("axis").first, (-rank - 1...rank).contains(axis), rank < Shape.maximumRank
      else { throw context.invalid("'axis' does not fit \(context.specs[0])") }
      return KerasLayer(KerasComputed("ExpandDims") { $0[0].expanded(axis) })
    }
    rows["ops.Squeeze"] = KerasLayerKind { context in
      let spec = try context.single()
      let rank = spec.shape.rank
      guard let axis = try context.integers("axis").first, (-rank..<rank).contains(axis),
        spec.shape.dimension(axis).known == 1
      else { throw context.invalid("'axis' does not fit \(spec)") }
      return KerasLayer(KerasComputed("Squeeze") { $0[0].squeezed(axis) })
    }
    return rows
  }()

  /// Of two tensors, or of one and a number.
  private static func pair(
    _ name: String, _ function: BinaryOperator.Function, keepsType: Bool,
    _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> KerasLayerKind {
    KerasLayerKind { context in
      guard context.call.arguments.count == 2, (1...2).contains(context.specs.count), let first = context.specs.first
      else { throw context.unsupported("it is called with other than two tensors or numbers") }
      if context.specs.count == 2 {
        guard context.specs[1].dtype == first.dtype else {
          throw context.unsupported("it is called with \(context.specs)")
        }
        _ = try BinaryOperator(function).infer(context.specs)
        return KerasLayer(KerasComputed(name) { body($0[0], $0[1]) })
      }
      let isFirst = if case .tensor = context.call.arguments[0] { true } else { false }
      guard case .value(let value) = context.call.arguments[isFirst ? 1 : 0], let number = value.double,
        number.isFinite,
        first.dtype.isFloatingPoint
          || (number == number.rounded() && abs(number) < 0x1p31 && name != "TrueDivide" && name != "Power")
      else { throw context.unsupported("it is called with \(first) and what is no number that fits") }
      if first.dtype == .bool { throw context.unsupported("it is called with \(first) and a number") }
      let other = Tensor.full([], number, dtype: first.dtype)
      _ = try BinaryOperator(function).infer([first, other.spec])
      return KerasLayer(KerasComputed(name) { isFirst ? body($0[0], other) : body(other, $0[0]) })
    }
  }

  private static func reduction(
    _ name: String, _ ofTruths: Bool, _ body: @escaping @Sendable (Tensor, Int, Bool) -> Tensor
  ) -> KerasLayerKind {
    KerasLayerKind { context in
      let spec = try context.single()
      guard ofTruths ? spec.dtype == .bool : spec.dtype.isFloatingPoint else {
        throw context.unsupported("its input is \(spec)")
      }
      let rank = spec.shape.rank
      let axes = try context.integers("axis")
      guard axes.count == 1, (-rank..<rank).contains(axes[0]) else { throw context.unsupported("'axis' is \(axes)") }
      if name == "Max" || name == "Min", spec.shape.dimension(axes[0]).known == 0 {
        throw context.invalid("\(spec) has no elements along axis \(axes[0])")
      }
      let keepsAxes = try context.bool("keepdims", default: false)
      return KerasLayer(KerasComputed(name) { body($0[0], axes[0], keepsAxes) })
    }
  }
}
