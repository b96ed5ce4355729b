import DeepSeekOperators
import DeepSeekTensor

extension TensorFlowOperator {
  /// TensorFlow 1's arrays of tensors, which its loops read their steps from and gather them in. The tensors go with the flow, a
  /// list that each operator hands on; the handle only says whether the array may grow.
  static let arrays: [TensorFlowOperator] = [
    TensorFlowOperator("TensorArrayV3", 1...1) { node in
      let count = try node.integer(0)
      guard (0...TensorFlowOperator.mostParts).contains(count) else {
        throw node.invalid("an array of \(count) tensors")
      }
      try node.assembler.count(count)
      let grows = try node.bool("dynamic_size")
      return [
        ImportedValue(Tensor([], [grows])), ImportedValue(list: Array(repeating: nil, count: count)),
      ]
    },
    TensorFlowOperator("TensorArrayReadV3", 3...3) { node in
      let (list, index) = (try node.list(2), try node.integer(1))
      guard list.indices.contains(index) else { throw node.invalid("tensor \(index) of an array of \(list.count)") }
      guard let item = list[index] else { throw node.unsupported("tensor \(index) of an array was not written") }
      return [ImportedValue(item)]
    },
    TensorFlowOperator("TensorArrayWriteV3", 4...4) { node in
      guard node.inputs[2].list == nil else { throw node.unsupported("an array of arrays") }
      return [try node.written([node.integer(1)], [node.tensor(2)])]
    },
    TensorFlowOperator("TensorArrayGatherV3", 3...3) { node in
      let (list, places) = (try node.list(2), try node.places(1))
      guard places.allSatisfy(list.indices.contains) else {
        throw node.invalid("tensors \(places.prefix(8)) of an array of \(list.count)")
      }
      return [ImportedValue(try node.stacked(places.map { list[$0] }))]
    },
    TensorFlowOperator("TensorArrayScatterV3", 4...4) { node in
      let (parts, places) = (try node.unstacked(node.tensor(2)), try node.places(1))
      guard parts.count == places.count else { throw node.invalid("\(parts.count) tensors for \(places.count) places") }
      return [try node.written(places, parts)]
    },
    TensorFlowOperator("TensorArraySizeV3", 2...2) { node in
      [ImportedValue(Tensor.full([], try node.list(1).count, dtype: .int32))]
    },
  ]
}

extension TensorFlowNode {
  /// The array of the last input with some tensors set.
  fileprivate func written(_ places: [Int], _ tensors: [Tensor]) throws -> ImportedValue {
    var list = try list(3)
    try assembler.countCopy(list)
    let handle = try tensor(0)
    let grows = handle.graphValue == nil && handle.spec == TensorSpec(.bool, []) && handle.item(as: Bool.self)
    for (place, tensor) in zip(places, tensors) {
      guard place >= 0, place < (grows ? TensorFlowOperator.mostParts : list.count) else {
        throw invalid("tensor \(place) of an array of \(list.count)")
      }
      if place >= list.count {
        try assembler.count(place + 1 - list.count)
        list += Array(repeating: nil, count: place + 1 - list.count)
      }
      list[place] = tensor
    }
    return ImportedValue(list: list)
  }

  /// The elements of an input that is a vector of integers, however long.
  fileprivate func places(_ index: Int) throws -> [Int] {
    let tensor = try tensor(index)
    guard tensor.graphValue == nil, tensor.rank == 1, tensor.dtype == .int32,
      tensor.elementCount <= TensorFlowOperator.mostParts
    else { return try integers(index) }
    return tensor.array(of: Int32.self).map { Int($0) }
  }
}
