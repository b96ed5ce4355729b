import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Elements moved as the lengths alone say: by tables of indices that are computed once.
  static let layouts: [(ObjectIdentifier, Rule)] = [
    entry(SliceGradientOperator.self) { operation, inputs, _ in [spread(inputs[0], operation.extents, operation.target)]
    },
    entry(SliceUpdateOperator.self) { operation, inputs, _ in
      let (x, part) = (inputs[0], inputs[1])
      // Which elements are replaced is known.
      let isReplaced = apply(
        SliceGradientOperator(operation.extents, x.shape), Tensor.full(part.shape, 1, dtype: .bool))
      return [Tensor.select(isReplaced, apply(SliceGradientOperator(operation.extents, x.shape), part), x)]
    },
    entry(ShapeOperator.self) { _, inputs, _ in [Tensor([inputs[0].rank], inputs[0].shape.map { Int64($0) })] },
    entry(DiagonalOperator.self) { operation, inputs, _ in [picked(inputs[0], axes: 2) { apply(operation, $0) }] },
    entry(DiagonalMatrixOperator.self) { operation, inputs, _ in [picked(inputs[0], axes: 1) { apply(operation, $0) }]
    },
    entry(RollOperator.self) { operation, inputs, _ in
      var result = inputs[0]
      for (axis, shift) in operation.shifts.enumerated() {
        let length = result.shape[axis]
        let start = length == 0 ? 0 : ((-shift) % length + length) % length
        if start == 0 { continue }
        result = Tensor.concatenate([result.sliced(axis, start..<length), result.sliced(axis, 0..<start)], axis: axis)
      }
      return [result]
    },
    entry(TriangularOperator.self) { operation, inputs, _ in
      let matrix = Shape(inputs[0].shape.suffix(2))
      let isKept = apply(operation, Tensor.full(matrix, 1, dtype: .bool))
      return [Tensor.select(isKept, inputs[0], Tensor.full([], 0, dtype: inputs[0].dtype))]
    },
    entry(PadOperator.self) { operation, inputs, _ in
      if operation.mode == .constant { return [framed(inputs[0], operation)] }
      // Every axis by itself: which element each place shows is known.
      var result = inputs[0]
      for axis in 0..<result.rank where operation.before[axis] != 0 || operation.after[axis] != 0 {
        let along = PadOperator([operation.before[axis]], [operation.after[axis]], mode: operation.mode)
        result = result.indexSelect(axis: axis, apply(along, Tensor.range(result.shape[axis])))
      }
      return [result]
    },
    entry(PadGradientOperator.self) { operation, inputs, _ in
      var result = inputs[0]
      for axis in 0..<result.rank where operation.before[axis] != 0 || operation.after[axis] != 0 {
        let length = operation.target[axis]
        // A constant's places give nothing back; -1 marks them.
        let along = PadOperator([operation.before[axis]], [operation.after[axis]], mode: operation.mode, value: -1)
        let origins = apply(along, Tensor.range(length)).array(of: Int64.self)
        let kept = origins.indices.filter { origins[$0] >= 0 }
        let rows = result.indexSelect(axis: axis, Tensor([kept.count], kept.map { Int64($0) }))
        let zeros = Tensor.full(rows.shape.replacing(axis, with: Dimension(length)), 0, dtype: rows.dtype)
        let targets = Tensor([kept.count], kept.map { origins[$0] })
        result = apply(IndexAddOperator(axis), zeros, targets, rows)
      }
      return [result]
    },
  ]

  /// A function of the last axes that only moves elements and leaves zeros between them, as a table of where each comes
  /// from.
  private static func picked(_ x: Tensor, axes: Int, _ move: (Tensor) -> Tensor) -> Tensor {
    let inner = Shape(x.shape.suffix(axes))
    let leading = x.shape.prefix(x.rank - axes).reduce(1, *)
    // Counted from 1, so that 0 is what comes from nowhere.
    let numbers = Tensor.range(inner.elementCount) + Tensor([], [Int64(1)])
    let table = move(numbers.reshaped(inner))
    let flat = x.reshaped([leading, inner.elementCount] as Shape)
    let places = table.flattened().array(of: Int64.self)
    let moved: Tensor
    if places.contains(0) {
      let zero = Tensor.full([leading, 1], 0, dtype: x.dtype)
      moved = Tensor.concatenate([zero, flat], axis: 1).indexSelect(axis: 1, table.flattened())
    } else {
      moved = flat.indexSelect(axis: 1, Tensor([places.count], places.map { $0 - 1 }))
    }
    return moved.reshaped(Shape(x.shape.prefix(x.rank - axes) + Array(table.shape)))
  }

  /// A tensor among equal elements, cut where widths are negative.
  private static func framed(_ x: Tensor, _ operation: PadOperator) -> Tensor {
    var result = x
    for axis in 0..<x.rank {
      let (before, after) = (operation.before[axis], operation.after[axis])
      let (from, to) = (Swift.max(-before, 0), result.shape[axis] - Swift.max(-after, 0))
      if from > 0 || to < result.shape[axis] { result = result.sliced(axis, from..<to) }
      func frame(_ width: Int) -> Tensor? {
        width <= 0
          ? nil : Tensor.full(result.shape.replacing(axis, with: Dimension(width)), operation.value, dtype: x.dtype)
      }
      let parts = [frame(before), result, frame(after)].compactMap { $0 }
      if parts.count > 1 { result = Tensor.concatenate(parts, axis: axis) }
    }
    return result
  }

  /// A slice put back in its place among zeros.
  private static func spread(_ x: Tensor, _ extents: [SliceOperator.Extent], _ target: Shape) -> Tensor {
    var result = x
    for extent in extents.reversed() {
      let (axis, length) = (extent.axis, target[extent.axis])
      let (start, count) = (extent.start.value, extent.count.value)
      var places = (0..<count).map { start + $0 * extent.step }
      if extent.step < 0 {
        result = result.flipped([axis])
        places.reverse()
      }
      guard let first = places.first, let last = places.last else {
        result = Tensor.full(result.shape.replacing(axis, with: Dimension(length)), 0, dtype: x.dtype)
        continue
      }
      let step = Swift.abs(extent.step)
      if step > 1 && count > 1 { result = interleaved(result, axis, step) }
      var (before, after) = (Array(repeating: 0, count: result.rank), Array(repeating: 0, count: result.rank))
      (before[axis], after[axis]) = (first, length - 1 - last)
      result = apply(PadOperator(before, after), result)
    }
    return result
  }

  /// Zeros between the elements of an axis, so that they lie `step` apart.
  private static func interleaved(_ x: Tensor, _ axis: Int, _ step: Int) -> Tensor {
    let count = x.shape[axis]
    let column = x.expanded(axis + 1)
    let zeros = Tensor.full(column.shape.replacing(axis + 1, with: Dimension(step - 1)), 0, dtype: x.dtype)
    return Tensor.concatenate([column, zeros], axis: axis + 1)
      .reshaped(x.shape.replacing(axis, with: Dimension(count * step)))
      .sliced(axis, 0..<(count - 1) * step + 1)
  }
}
