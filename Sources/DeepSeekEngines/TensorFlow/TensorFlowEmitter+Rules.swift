import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowEmitter {
  typealias Rule = OperatorRule<TensorFlowEmitter>

  /// TensorFlow's counterparts of our operators. What is not here, or not for these attributes, is taken apart.
  static let table = RuleTable(elementwise + reductions + moving + products + algebra)

  private static let elementwise: [Rule] = [
    Rule(UnaryOperator.self, when: { $0.function.tensorflow($1[0].dtype) != nil }) { emitter, operation, node, inputs in
      [try emitter.one(operation.function.tensorflow(node.inputs[0].dtype)!, inputs[0])]
    },
    Rule(BinaryOperator.self, when: { $0.function.tensorflow($1[0].dtype) != nil }) {
      emitter, operation, node, inputs in
      [try emitter.one(operation.function.tensorflow(node.inputs[0].dtype)!, inputs[0], inputs[1])]
    },
    Rule(SafeQuotient.self) { emitter, operation, _, inputs in
      let type =
        switch operation.function {
        case .floorDivide: "FloorDiv"
        case .fmod: "Mod"
        default: "FloorMod"
        }
      return [try emitter.one(type, inputs[0], inputs[1])]
    },
    Rule(WhereOperator.self) { emitter, _, _, inputs in [try emitter.one("SelectV2", inputs[0], inputs[1], inputs[2])]
    },
    Rule(CastOperator.self) { emitter, operation, _, inputs in
      [try emitter.one("Cast", inputs[0], attributes: [("DstT", .type(operation.dtype))])]
    },
  ]

  private static let reductions: [Rule] = [
    Rule(ReduceOperator.self, when: { $0.tensorflow($1[0].dtype) != nil }) { emitter, operation, node, inputs in
      let axes = try emitter.list(operation.axes)
      let type = operation.tensorflow(node.inputs[0].dtype)!
      return [try emitter.one(type, inputs[0], axes, attributes: [("keep_dims", .bool(true))])]
    },
    Rule(ArgReduceOperator.self, when: { $1[0].dtype != .bool }) { emitter, operation, node, inputs in
      [try emitter.reshaped(emitter.extremePlace(operation, node, inputs[0]), node.lengths)]
    },
    Rule(
      CumulativeOperator.self,
      when: {
        ($0.function == .sum || $0.function == .product) && ($1[0].dtype.isFloatingPoint || $1[0].dtype == .int64)
      }
    ) { emitter, operation, node, inputs in
      let axis = try emitter.number(node.inputs[0].shape.index(of: operation.axis))
      return [try emitter.one(operation.function == .sum ? "Cumsum" : "Cumprod", inputs[0], axis)]
    },
    Rule(SoftmaxOperator.self) { emitter, operation, node, inputs in
      let rank = node.inputs[0].shape.rank
      let axis = node.inputs[0].shape.index(of: operation.axis)
      let last = try emitter.swapped(inputs[0], rank: rank, axis, rank - 1)
      let result = try emitter.one(operation.isLogarithm ? "LogSoftmax" : "Softmax", last)
      return [try emitter.swapped(result, rank: rank, axis, rank - 1)]
    },
    Rule(SortOperator.self, when: { $1[0].dtype != .bool }) { emitter, operation, node, inputs in
      try emitter.sorted(operation, node, inputs[0])
    },
  ]

  /// Sorting as the largest of all, which keeps the order of equal elements; upwards, of what is turned over.
  private func sorted(_ operation: SortOperator, _ node: EngineNode, _ x: Value) throws -> [Value] {
    let shape = node.inputs[0].shape
    let axis = shape.index(of: operation.axis)
    let mirror = node.inputs[0].dtype.isFloatingPoint ? "Neg" : "Invert"
    var rows = try swapped(x, rank: shape.rank, axis, shape.rank - 1)
    if !operation.isDescending { rows = try one(mirror, rows) }
    let found = try self.operation(
      "TopKV2", [rows, number(shape[axis])], outputs: 2, attributes: [("sorted", .bool(true))])
    let values = operation.isDescending ? found[0] : try one(mirror, found[0])
    let indices = try one("Cast", found[1], attributes: [("DstT", .type(.int64))])
    return try [values, indices].map { try swapped($0, rank: shape.rank, axis, shape.rank - 1) }
  }

  /// Where the largest or smallest element of an axis is. A NaN counts as beyond all others; TensorFlow passes over it.
  private func extremePlace(_ operation: ArgReduceOperator, _ node: EngineNode, _ x: Value) throws -> Value {
    let axis = try number(node.inputs[0].shape.index(of: operation.axis))
    func place(_ type: String, _ x: Value) throws -> Value {
      try one(type, x, axis, attributes: [("output_type", .type(.int64))])
    }
    let found = try place(operation.function == .argmax ? "ArgMax" : "ArgMin", x)
    if !node.inputs[0].dtype.isFloatingPoint { return found }
    let isNaN = try one("IsNan", x)
    let first = try place("ArgMax", one("Cast", isNaN, attributes: [("DstT", .type(.int32))]))
    return try one("SelectV2", one("Any", isNaN, axis), first, found)
  }

  private static let moving: [Rule] = [
    Rule(ReshapeOperator.self) { emitter, _, node, inputs in [try emitter.reshaped(inputs[0], node.lengths)] },
    Rule(BroadcastOperator.self) { emitter, _, node, inputs in
      [try emitter.one("BroadcastTo", inputs[0], emitter.list(node.lengths))]
    },
    Rule(TransposeOperator.self) { emitter, operation, _, inputs in
      [try emitter.transposed(inputs[0], operation.permutation)]
    },
    Rule(
      SliceOperator.self, when: { operation, _ in Set(operation.extents.map(\.axis)).count == operation.extents.count }
    ) {
      emitter, operation, node, inputs in [try emitter.sliced(inputs[0], operation.extents, node)]
    },
    Rule(ConcatenateOperator.self) { emitter, operation, node, inputs in
      if inputs.count == 1 { return inputs }
      let axis = try emitter.number(node.inputs[0].shape.index(of: operation.axis))
      return try emitter.operation("ConcatV2", [axis], list: inputs)
    },
    Rule(
      PadOperator.self,
      when: { operation, _ in
        operation.mode == .constant && (operation.before + operation.after).allSatisfy { $0 >= 0 }
      }
    ) { emitter, operation, node, inputs in
      let widths = zip(operation.before, operation.after).flatMap { [$0, $1] }
      let pairs = try emitter.constant(Tensor([widths.count / 2, 2], widths.map { Int64($0) }))
      return [try emitter.one("PadV2", inputs[0], pairs, emitter.scalar(operation.value, node.inputs[0].dtype))]
    },
    Rule(IndexSelectOperator.self) { emitter, operation, node, inputs in
      let axis = try emitter.number(node.inputs[0].shape.index(of: operation.axis))
      return [try emitter.one("GatherV2", inputs[0], inputs[1], axis)]
    },
    Rule(ScatterNDOperator.self, when: { $1[1].shape[-1] == 1 && ($0.mode == .set || $1[0].dtype != .bool) }) {
      emitter, operation, node, inputs in [try emitter.scattered(operation.mode, node, inputs)]
    },
  ]

  private func sliced(_ x: Value, _ extents: [SliceOperator.Extent], _ node: EngineNode) throws -> Value {
    let rank = node.inputs[0].shape.rank
    var (begin, end, step) = (
      Array(repeating: 0, count: rank), Array(repeating: 0, count: rank), Array(repeating: 1, count: rank)
    )
    // Axes that are not cut, and backward ones that run past the first element, have no end.
    var (openBegin, openEnd) = ((1 << rank) - 1, (1 << rank) - 1)
    for extent in extents {
      let axis = extent.axis
      (begin[axis], step[axis]) = (extent.start.value, extent.step)
      let stop = extent.start.value + (extent.count.value - 1) * extent.step + (extent.step > 0 ? 1 : -1)
      openBegin &= ~(1 << axis)
      if stop >= 0 {
        end[axis] = stop
        openEnd &= ~(1 << axis)
      }
    }
    return try operation(
      "StridedSlice", [x, list(begin), list(end), list(step)],
      attributes: [("begin_mask", .integer(openBegin)), ("end_mask", .integer(openEnd))])[0]
  }

  private func scattered(_ mode: ScatterOperator.Mode, _ node: EngineNode, _ inputs: [Value]) throws -> Value {
    let (x, index, source) = (inputs[0], inputs[1], inputs[2])
    switch mode {
    case .set: return try one("TensorScatterUpdate", x, index, source)
    case .add: return try one("TensorScatterAdd", x, index, source)
    case .max: return try one("TensorScatterMax", x, index, source)
    case .min: return try one("TensorScatterMin", x, index, source)
    case .multiply:
      // Products of what goes to one place, 1 where nothing goes.
      let rows = node.inputs[1].shape.dropLast().reduce(1, *)
      let flat = try reshaped(index, [rows])
      let products = try one(
        "UnsortedSegmentProd", reshaped(source, [rows] + Array(node.inputs[0].shape.dropFirst())), flat,
        constant(Tensor([], [Int64(node.inputs[0].shape[0])])))
      return try one("Mul", x, products)
    }
  }
}
