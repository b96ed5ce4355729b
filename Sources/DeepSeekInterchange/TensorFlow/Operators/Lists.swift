import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// Lists of tensors, which loops gather their steps in. How many there are and which is meant must be known, so that a list
  /// comes to nothing in the graph.
  static let lists: [TensorFlowOperator] = [
    TensorFlowOperator("TensorListReserve", 2...2) { node in
      let count = try node.integer(1)
      guard (0...TensorFlowOperator.mostParts).contains(count) else { throw node.invalid("a list of \(count) tensors") }
      try node.assembler.count(count)
      return [ImportedValue(list: Array(repeating: nil, count: count))]
    },
    TensorFlowOperator("EmptyTensorList", 2...2) { _ in [ImportedValue(list: [])] },
    TensorFlowOperator("TensorListFromTensor", 2...2) { node in
      [ImportedValue(list: try node.unstacked(node.tensor(0)))]
    },
    TensorFlowOperator("TensorListGetItem", 3...3) { node in
      let list = try node.list()
      let index = try node.integer(1)
      guard list.indices.contains(index), let item = list[index] else {
        throw node.unsupported("tensor \(index) of a list of \(list.count) was not set")
      }
      return [ImportedValue(item)]
    },
    TensorFlowOperator("TensorListSetItem", 3...3) { node in
      var list = try node.list()
      let index = try node.integer(1)
      guard list.indices.contains(index), node.inputs[2].list == nil else {
        throw node.invalid("tensor \(index) of a list of \(list.count)")
      }
      try node.assembler.countCopy(list)
      list[index] = try node.tensor(2)
      return [ImportedValue(list: list)]
    },
    TensorFlowOperator("TensorListPushBack", 2...2) { node in
      guard node.inputs[1].list == nil else { throw node.unsupported("a list of lists") }
      let list = try node.list()
      try node.assembler.countCopy(list)
      return [ImportedValue(list: list + [try node.tensor(1)])]
    },
    TensorFlowOperator("TensorListLength", 1...1) { node in
      [ImportedValue(Tensor.full([], try node.list().count, dtype: .int32))]
    },
    TensorFlowOperator("TensorListStack", 2...2) { node in
      [ImportedValue(try node.stacked(node.list()))]
    },
  ]

  /// Whether an operator may read a list: those above, and what passes on whatever it reads.
  static func takesLists(_ name: String) -> Bool {
    name.hasPrefix("TensorList") || name.hasPrefix("TensorArray") || passing.contains { $0.name == name }
  }
}

extension TensorFlowNode {
  /// An input that is a list.
  func list(_ index: Int = 0) throws -> [Tensor?] {
    guard let list = try value(index).list else { throw invalid("input \(index) is not a list of tensors") }
    return list
  }

  /// Tensors of a list, one after the other along a new axis; one that was never set is zeros like another.
  func stacked(_ items: [Tensor?]) throws -> Tensor {
    guard let given = items.lazy.compactMap({ $0 }).first else { throw unsupported("an empty list, or one never set") }
    let parts = try items.map { item in
      let item = try item ?? broadcast(scalar(0, given.dtype), to: given.shape)
      return try reshaped(item, [1] + item.shape.dimensions)
    }
    return try assembler.apply(ConcatenateOperator(0), parts)[0]
  }

  /// The parts of a tensor along its first axis.
  func unstacked(_ x: Tensor) throws -> [Tensor] {
    guard x.rank > 0, let count = x.dimension(0).known else {
      throw unsupported("a list of the parts of \(x.spec)", advice: "give the placeholders fixed shapes")
    }
    let rest = Array(x.shape.dimensions.dropFirst())
    return try parts(x, 0, Array(repeating: 1, count: count)).map { try reshaped($0.tensor, rest) }
  }
}
