import DeepSeekOperators
import DeepSeekTensor

extension PyTorchEmitter {
  typealias Rule = OperatorRule<PyTorchEmitter>

  /// PyTorch's counterparts of our operators. What is not here, or not for these attributes, is taken apart.
  ///
  /// The stable interface passes no argument of the schema type `Scalar`: operators that have one are taken apart too.
  static let table = RuleTable(
    elementwise + reductions + moving + indexing + products + pooling + normalization + algebra)

  private static let elementwise: [Rule] = [
    Rule(UnaryOperator.self, when: { $0.function.aten($1[0].dtype) != nil }) { emitter, operation, node, inputs in
      let name = operation.function.aten(node.inputs[0].dtype)!
      switch operation.function {
      case .gelu: return [try emitter.one(name, .tensor(inputs[0]), .string("none"))]
      case .geluTanh: return [try emitter.one(name, .tensor(inputs[0]), .string("tanh"))]
      default: return [try emitter.one(name, .tensor(inputs[0]))]
      }
    },
    Rule(UnaryGradientOperator.self, when: { operation, _ in operation.function.atenGradient != nil }) {
      emitter, operation, _, inputs in
      let (x, g) = (Argument.tensor(inputs[0]), Argument.tensor(inputs[1]))
      let name = operation.function.atenGradient!
      switch operation.function {
      case .gelu: return [try emitter.one(name, g, x, .string("none"))]
      case .geluTanh: return [try emitter.one(name, g, x, .string("tanh"))]
      default: return [try emitter.one(name, g, x)]
      }
    },
    Rule(BinaryOperator.self, when: { $0.function.aten($1[0].dtype) != nil }) { emitter, operation, node, inputs in
      switch operation.function {
      case .add: return [try emitter.sum(inputs[0], inputs[1], node)]
      case .subtract: return [try emitter.sum(inputs[0], emitter.one("neg", .tensor(inputs[1])), node)]
      default:
        return [
          try emitter.one(
            operation.function.aten(node.inputs[0].dtype)!, .tensor(inputs[0]), .tensor(inputs[1]))
        ]
      }
    },
    Rule(SafeQuotient.self) { emitter, operation, _, inputs in
      let name =
        switch operation.function {
        case .floorDivide: "floor_divide"
        case .fmod: "fmod.Tensor"
        default: "remainder.Tensor"
        }
      return [try emitter.one(name, .tensor(inputs[0]), .tensor(inputs[1]))]
    },
    Rule(WhereOperator.self) { emitter, _, _, inputs in [try emitter.one("where.self", inputs.map { .tensor($0) })] },
    Rule(CastOperator.self) { emitter, operation, _, inputs in
      [try emitter.converted(inputs[0], to: operation.dtype)]
    },
  ]

  /// The elements in another type.
  func converted(_ x: Value, to dtype: DType) throws -> Value {
    try one("to.dtype", .tensor(x), .type(dtype), .bool(false), .bool(false), .none)
  }

  private func one(_ operation: String, _ arguments: [Argument]) throws -> Value { try call(operation, arguments)[0] }

  /// In row-major order.
  func contiguous(_ x: Value) throws -> Value {
    // c10::MemoryFormat::Contiguous is 0.
    try one("contiguous", .tensor(x), .integer(0))
  }

  /// A sum. PyTorch's own `add` has a scale of the schema type `Scalar`: for floats a function of its own stands in, and
  /// integers are stacked and summed.
  private func sum(_ a: Value, _ b: Value, _ node: EngineNode) throws -> Value {
    let dtype = node.outputs[0].dtype
    if dtype.isFloatingPoint {
      var handle: OpaquePointer?
      try library.check(library.addFloats(a.handle, b.handle, 1, &handle), "add")
      guard let handle else { throw library.failure("add", "a result did not come back") }
      return PyTorchTensor(handle, library)
    }
    let wide = try [a, b].map { try one("expand", .tensor($0), .integers(node.lengths), .bool(false)) }
    let both = try one("stack", .tensors(wide), .integer(0))
    return try one("sum.dim_IntList", .tensor(both), .some(.integers([0])), .bool(false), .some(.type(dtype)))
  }

  private static let reductions: [Rule] = [
    Rule(ReduceOperator.self, when: { $0.aten($1[0].dtype) != nil }) { emitter, operation, node, inputs in
      let name = operation.aten(node.inputs[0].dtype)!
      let (x, axes) = (Argument.tensor(inputs[0]), Argument.integers(operation.axes))
      switch operation.function {
      case .sum, .mean: return [try emitter.one(name, x, .some(axes), .bool(true), .none)]
      case .any, .all: return [try emitter.one(name, x, .some(axes), .bool(true))]
      case .product:
        var result = inputs[0]
        for axis in operation.axes {
          result = try emitter.one(name, .tensor(result), .integer(axis), .bool(true), .none)
        }
        return [result]
      default: return [try emitter.one(name, x, axes, .bool(true))]
      }
    },
    Rule(ArgReduceOperator.self, when: { $1[0].dtype != .bool }) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      return [try emitter.one(operation.name, .tensor(inputs[0]), .some(.integer(axis)), .bool(true))]
    },
    Rule(
      CumulativeOperator.self,
      when: { operation, specs in
        let isExtreme = operation.function == .max || operation.function == .min
        return isExtreme ? specs[0].dtype != .bool : specs[0].dtype.isFloatingPoint || specs[0].dtype == .int64
      }
    ) { emitter, operation, node, inputs in
      let (x, axis) = (Argument.tensor(inputs[0]), Argument.integer(node.inputs[0].shape.index(of: operation.axis)))
      switch operation.function {
      case .sum: return [try emitter.one("cumsum", x, axis, .none)]
      case .product: return [try emitter.one("cumprod", x, axis, .none)]
      case .max: return [try emitter.call("cummax", [x, axis], results: 2)[0]]
      case .min: return [try emitter.call("cummin", [x, axis], results: 2)[0]]
      }
    },
    Rule(SortOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      return try emitter.call(
        "sort.stable",
        [.tensor(inputs[0]), .some(.bool(true)), .integer(axis), .bool(operation.isDescending)], results: 2)
    },
    Rule(SearchSortedOperator.self, when: { $1[0].dtype != .bool }) { emitter, operation, _, inputs in
      let (list, values) = (try emitter.contiguous(inputs[0]), try emitter.contiguous(inputs[1]))
      return [
        try emitter.one(
          "searchsorted.Tensor", .tensor(list), .tensor(values), .bool(false), .bool(operation.isRight), .none, .none)
      ]
    },
  ]

  private static let moving: [Rule] = [
    Rule(ReshapeOperator.self) { emitter, _, node, inputs in
      [try emitter.one("reshape", .tensor(inputs[0]), .integers(node.lengths))]
    },
    Rule(BroadcastOperator.self) { emitter, _, node, inputs in
      [try emitter.one("expand", .tensor(inputs[0]), .integers(node.lengths), .bool(false))]
    },
    Rule(TransposeOperator.self) { emitter, operation, _, inputs in
      [try emitter.one("permute", .tensor(inputs[0]), .integers(operation.permutation))]
    },
    Rule(SliceOperator.self) { emitter, operation, node, inputs in
      var result = inputs[0]
      var lengths = Array(node.inputs[0].shape)
      for extent in operation.extents {
        var (start, step) = (extent.start.value, extent.step)
        if step < 0 {
          // PyTorch's slices run forwards.
          result = try emitter.one("flip", .tensor(result), .integers([extent.axis]))
          (start, step) = (lengths[extent.axis] - 1 - start, -step)
        }
        let count = extent.count.value
        let end = start + (count - 1) * step + 1
        result = try emitter.one(
          "slice.Tensor", .tensor(result), .integer(extent.axis), .some(.integer(start)), .some(.integer(end)),
          .integer(step))
        lengths[extent.axis] = count
      }
      return [result]
    },
    Rule(ConcatenateOperator.self) { emitter, operation, node, inputs in
      [try emitter.one("cat", .tensors(inputs), .integer(node.inputs[0].shape.index(of: operation.axis)))]
    },
    Rule(PadOperator.self, when: { $0.mode == .constant && $1[0].dtype.isFloatingPoint }) {
      emitter, operation, _, inputs in
      // Pairs from the last axis on.
      let widths = zip(operation.before, operation.after).reversed().flatMap { [$0, $1] }
      return [
        try emitter.one(
          "pad", .tensor(inputs[0]), .integers(widths), .string("constant"), .some(.double(operation.value)))
      ]
    },
    Rule(TriangularOperator.self) { emitter, operation, _, inputs in
      [try emitter.one(operation.name, .tensor(inputs[0]), .integer(operation.diagonal))]
    },
    Rule(RollOperator.self) { emitter, operation, _, inputs in
      [
        try emitter.one(
          "roll", .tensor(inputs[0]), .integers(operation.shifts), .integers(Array(operation.shifts.indices)))
      ]
    },
  ]

  private static let indexing: [Rule] = [
    Rule(IndexSelectOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      return [try emitter.one("index_select", .tensor(inputs[0]), .integer(axis), .tensor(inputs[1]))]
    },
    Rule(GatherOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      return [try emitter.one("gather", .tensor(inputs[0]), .integer(axis), .tensor(inputs[1]), .bool(false))]
    },
    Rule(ScatterOperator.self) { emitter, operation, node, inputs in
      let axis = node.inputs[0].shape.index(of: operation.axis)
      let arguments: [Argument] = [.tensor(inputs[0]), .integer(axis), .tensor(inputs[1]), .tensor(inputs[2])]
      switch operation.mode {
      case .set: return [try emitter.one("scatter.src", arguments)]
      case .add: return [try emitter.one("scatter_add", arguments)]
      case .multiply: return [try emitter.one("scatter_reduce.two", arguments + [.string("prod"), .bool(true)])]
      case .max: return [try emitter.one("scatter_reduce.two", arguments + [.string("amax"), .bool(true)])]
      case .min: return [try emitter.one("scatter_reduce.two", arguments + [.string("amin"), .bool(true)])]
      }
    },
  ]
}
