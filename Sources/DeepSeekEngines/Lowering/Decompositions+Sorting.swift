import DeepSeekOperators
import DeepSeekTensor

extension Decompositions {
  /// Order, and what follows from it.
  static let sorting: [(ObjectIdentifier, Rule)] = [
    entry(SortOperator.self) { operation, inputs, _ in
      guard inputs[0].dtype == .bool else { return nil }
      let results = apply(operation, [inputs[0].cast(to: .int64)])
      return [results[0].cast(to: .bool), results[1]]
    },
    entry(TopKOperator.self) { operation, inputs, builder in
      let axis = inputs[0].shape.index(of: operation.axis)
      let results = apply(SortOperator(axis, isDescending: operation.isLargest), [inputs[0]])
      return results.map { $0.sliced(axis, 0..<operation.count) }
    },
    entry(UniqueOperator.self) { _, inputs, builder in
      let flat = inputs[0].flattened()
      let count = flat.elementCount
      let sorted = apply(SortOperator(0), [flat])
      let one = Tensor([1], [Int64(1)])
      let isNew = Tensor.concatenate([
        one, sorted[0].sliced(0, 1..<count).notEqual(to: sorted[0].sliced(0, 0..<count - 1)).cast(to: .int64),
      ])
      let ranks = isNew.cumulativeSum(axis: 0) - Tensor([], [Int64(1)])
      builder.noteCountsFromStart(ranks)
      let zeros = Tensor.full([count], 0, dtype: .int64)
      let values = apply(ScatterOperator(.set, 0), Tensor.full([count], 0, dtype: flat.dtype), ranks, sorted[0])
      let inverse = apply(ScatterOperator(.set, 0), zeros, sorted[1], ranks)
      let counts = apply(ScatterOperator(.add, 0), zeros, ranks, Tensor.full([count], 1, dtype: .int64))
      let total = ranks.sliced(0, count - 1..<count).reshaped([] as Shape) + Tensor([], [Int64(1)])
      return [values, inverse.reshaped(inputs[0].shape), counts, total]
    },
    entry(SearchSortedOperator.self) { operation, inputs, _ in
      let (list, values) = (inputs[0].rank == 1 ? inputs[0] : inputs[0].expanded(-2), inputs[1].expanded(-1))
      let isBefore = operation.isRight ? list.lessOrEqual(to: values) : list.less(than: values)
      return [isBefore.cast(to: .int64).sum(axis: -1)]
    },
  ]

  /// Random choices, of the framework's own draws: every engine gives the same.
  static let random: [(ObjectIdentifier, Rule)] = [
    entry(DropoutOperator.self) { operation, inputs, _ in
      // What is kept is multiplied by 1 / (1 - probability), what is dropped by 0; the draw depends on the key alone.
      let ones = Tensor.full(inputs[0].shape, 1, dtype: inputs[0].dtype)
      return [inputs[0] * apply(operation, ones, inputs[1])]
    },
    entry(CategoricalOperator.self) { _, inputs, builder in
      // The class where the running sum of probabilities passes a uniform number.
      let logits = inputs[0].cast(to: .float32)
      let classes = logits.shape[-1]
      let rows = Shape(logits.shape.dropLast())
      let draw = apply(RandomOperator(.uniform, 0, 1, .float64, rows), inputs[1]).expanded(-1)
      let shares = (logits - logits.max(axis: -1, keepAxes: true)).exp().cast(to: .float64)
      let running = shares.cumulativeSum(axis: -1)
      let total = running.sliced(-1, classes - 1..<classes)
      let passed = running.lessOrEqual(to: draw * total).cast(to: .int64).sum(axis: -1)
      let last = Tensor([], [Int64(classes - 1)])
      return [passed.minimum(last)]
    },
  ]
}
