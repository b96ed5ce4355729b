import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Elements picked and put by index. All come down to picking rows (`index_select`) and putting elements
  /// (`scatter` along an axis, or `scatter_nd` of rows), which every engine has one of.
  static let indexing: [(ObjectIdentifier, Rule)] = [
    entry(EmbeddingOperator.self) { _, inputs, _ in [inputs[0].take(inputs[1], axis: 0)] },
    entry(EmbeddingGradientOperator.self) { operation, inputs, _ in
      var rows = inputs[0]
      let index = inputs[1].cast(to: .int64)
      if let padding = operation.paddingIndex {
        let isPadding = index.equal(to: Tensor([], [Int64(padding)])).expanded(-1)
        rows = Tensor.select(isPadding, Tensor.zeros([], dtype: rows.dtype), rows)
      }
      let flat = rows.reshaped([index.elementCount, operation.target[1]] as Shape)
      let zeros = Tensor.zeros(operation.target, dtype: rows.dtype)
      return [apply(IndexAddOperator(0), zeros, index.reshaped([index.elementCount] as Shape), flat)]
    },
    entry(GatherOperator.self) { operation, inputs, builder in
      let index = try linear(inputs[1], operation.axis, in: inputs[0].shape, builder)
      return [inputs[0].flattened().take(index, axis: 0)]
    },
    entry(GatherNDOperator.self) { _, inputs, builder in
      let (x, count) = (inputs[0], inputs[1].shape[-1])
      let index = try linearRows(inputs[1], in: x.shape, builder)
      let rows = x.reshaped(Shape([x.shape.prefix(count).reduce(1, *)] + x.shape.dropFirst(count)))
      return [rows.take(index, axis: 0)]
    },
    entry(ScatterOperator.self) { operation, inputs, builder in
      let (x, source) = (inputs[0], inputs[2])
      let index = try linear(inputs[1], operation.axis, in: x.shape, builder).reshaped(
        [source.elementCount, 1] as Shape)
      builder.noteCountsFromStart(index)
      let put = apply(ScatterNDOperator(operation.mode), x.flattened(), index, source.flattened())
      return [put.reshaped(x.shape)]
    },
    entry(ScatterNDOperator.self) { operation, inputs, builder in
      let (x, source, count) = (inputs[0], inputs[2], inputs[1].shape[-1])
      let rows = try linearRows(inputs[1], in: x.shape, builder)
      let (height, width) = (x.shape.prefix(count).reduce(1, *), x.shape.dropFirst(count).reduce(1, *))
      let (flat, flatSource) = (
        x.reshaped([height, width] as Shape), source.reshaped([rows.elementCount, width] as Shape)
      )
      let column = rows.reshaped([rows.elementCount, 1] as Shape)
      builder.noteCountsFromStart(column)
      // An engine has either of the two; which one, its table says.
      let byRow = ScatterNDOperator(operation.mode)
      if builder.support.runs(byRow, [flat.spec, column.spec, flatSource.spec]) {
        return [apply(byRow, flat, column, flatSource).reshaped(x.shape)]
      }
      let places = column.broadcast(to: flatSource.shape)
      builder.noteCountsFromStart(places)
      let byElement = ScatterOperator(operation.mode, 0)
      guard builder.support.runs(byElement, [flat.spec, places.spec, flatSource.spec]) else { return nil }
      return [apply(byElement, flat, places, flatSource).reshaped(x.shape)]
    },
    entry(IndexAddOperator.self) { operation, inputs, builder in
      let (x, axis) = (inputs[0], operation.axis)
      var order = Array(0..<x.rank)
      order.remove(at: axis)
      order.insert(axis, at: 0)
      let index = try builder.fromStart(inputs[1], length: x.shape[axis])
      let column = index.expanded(-1)
      builder.noteCountsFromStart(column)
      let added = apply(ScatterNDOperator(.add), x.transposed(order), column, inputs[2].transposed(order))
      var inverse = order
      for (place, source) in order.enumerated() { inverse[source] = place }
      return [added.transposed(inverse)]
    },
    entry(OneHotOperator.self) { operation, inputs, builder in
      let index = try builder.fromStart(inputs[0], length: operation.depth)
      return [index.expanded(-1).equal(to: Tensor.range(operation.depth)).cast(to: operation.dtype)]
    },
    entry(MaskedSelectOperator.self) { _, inputs, _ in
      // Only a mask that is known gives a length that is known.
      guard inputs[1].graphValue == nil else { return nil }
      return [inputs[0].flattened().take(inputs[1].flattened().nonzero().flattened(), axis: 0)]
    },
    entry(MaskedScatterOperator.self) { _, inputs, builder in
      let (x, mask, source) = (inputs[0], inputs[1], inputs[2].flattened())
      if source.elementCount == 0 { return [x] }
      let counts = mask.flattened().cast(to: .int64).cumulativeSum(axis: 0) - Tensor([], [Int64(1)])
      let last = Tensor([], [Int64(source.elementCount - 1)])
      let places = counts.maximum(Tensor([], [Int64(0)])).minimum(last)
      builder.noteCountsFromStart(places)
      return [Tensor.select(mask, source.take(places, axis: 0).reshaped(x.shape), x)]
    },
  ]

  /// Where in a flattened tensor the elements lie that `index` names along an axis.
  private static func linear(
    _ index: Tensor, _ axis: Int, in shape: Shape, _ builder: LoweringBuilder
  ) throws -> Tensor {
    let strides = Layout(shape).strides
    let along = try builder.fromStart(index, length: shape[axis])
    // What the other axes add is known.
    var rest = Tensor.full([], 0, dtype: .int64)
    for other in 0..<shape.rank where other != axis {
      var lengths = Array(repeating: 1, count: shape.rank)
      lengths[other] = index.shape[other]
      rest = rest + Tensor.range(lengths[other]).reshaped(lengths) * Tensor([], [Int64(strides[other])])
    }
    let places = along * Tensor([], [Int64(strides[axis])]) + rest
    builder.noteCountsFromStart(places)
    return places
  }

  /// Which row of a tensor, whose leading axes are joined, each row of an index tensor names.
  private static func linearRows(_ index: Tensor, in shape: Shape, _ builder: LoweringBuilder) throws -> Tensor {
    let count = index.shape[-1]
    let strides = Layout(Shape(shape.prefix(count))).strides
    var rows = Tensor.full(Shape(index.shape.dropLast()), 0, dtype: .int64)
    for axis in 0..<count {
      let along = try builder.fromStart(index.selected(-1, axis), length: shape[axis])
      rows = rows + along * Tensor([], [Int64(strides[axis])])
    }
    builder.noteCountsFromStart(rows)
    return rows
  }
}
