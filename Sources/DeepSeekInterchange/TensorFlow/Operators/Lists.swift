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
      let x = try node.tensor(0)
      guard x.rank > 0, let count = x.dimension(0).known else {
        throw node.unsupported("a list of the parts of \(x.spec)", advice: "give the placeholders fixed shapes")
      }
      let rest = Array(x.shape.dimensions.dropFirst())
      let parts = try node.parts(x, 0, Array(repeating: 1, count: count))
      return [ImportedValue(list: try parts.map { try node.reshaped($0.tensor, rest) })]
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
      list[index] = try node.tensor(2)
      return [ImportedValue(list: list)]
    },
    TensorFlowOperator("TensorListPushBack", 2...2) { node in
      guard node.inputs[1].list == nil else { throw node.unsupported("a list of lists") }
      return [ImportedValue(list: try node.list() + [try node.tensor(1)])]
    },
    TensorFlowOperator("TensorListLength", 1...1) { node in
      [ImportedValue(Tensor.full([], try node.list().count, dtype: .int32))]
    },
    TensorFlowOperator("TensorListStack", 2...2) { node in
      let items = try node.list().map { item -> Tensor in
        guard let item else { throw node.unsupported("a tensor of the list was not set") }
        return try node.reshaped(item, [1] + item.shape.dimensions)
      }
      guard !items.isEmpty else { throw node.unsupported("an empty list") }
      return [ImportedValue(try node.assembler.apply(ConcatenateOperator(0), items)[0])]
    },
  ]

  /// Whether an operator may read a list: those above, and what passes on whatever it reads.
  static func takesLists(_ name: String) -> Bool {
    name.hasPrefix("TensorList") || name == "Identity" || name == "IdentityN" || name == "StopGradient"
  }
}

extension TensorFlowNode {
  /// The first input, a list.
  func list() throws -> [Tensor?] {
    guard let list = inputs.first?.list else { throw invalid("input 0 is not a list of tensors") }
    return list
  }
}
