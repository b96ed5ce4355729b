import DeepSeekTensor

extension Graph {
  /// Some nodes in another order in which they can run: those that replace variables come as early as they can without
  /// costing a copy, right after their last input is there and everything else has read the variable.
  ///
  /// A program moves its weights after the whole backward walk, when all gradients are alive; run in this order, a gradient
  /// lives no longer than its layer's turn. Numbers, on which such nodes depend, move along.
  func withEarlyUpdates(_ needed: [Int]) -> [Int] {
    var replaced: [Value: Value] = [:]
    for variable in variables { if let update = variable.update { replaced[update] = variable.value } }
    let readers = readers(needed)
    // The place after which each value is there.
    var ready: [Value: Int] = [:]
    var order: [(anchor: Int, place: Int, node: Int)] = []
    for (place, index) in needed.enumerated() {
      let node = nodes[index]
      var anchor = place
      let targets = node.outputs.compactMap { replaced[$0] }
      let isMovable = !targets.isEmpty || node.outputs.allSatisfy(isNumber)
      if isMovable && !node.operation.traits.contains(.effect) {
        let others = targets.flatMap { (readers[$0] ?? []).filter { $0 != place } }
        anchor = min(place, (node.inputs.compactMap { ready[$0] } + others).max() ?? 0)
      }
      for output in node.outputs { ready[output] = anchor }
      order.append((anchor, place, index))
    }
    return order.sorted { ($0.anchor, $0.place) < ($1.anchor, $1.place) }.map(\.node)
  }

  /// For each variable the places of the nodes that read it or a view of it.
  private func readers(_ needed: [Int]) -> [Value: [Int]] {
    var origin = Dictionary(uniqueKeysWithValues: variables.map { ($0.value, $0.value) })
    var readers: [Value: [Int]] = [:]
    for (place, index) in needed.enumerated() {
      let node = nodes[index]
      for case let variable? in node.inputs.map({ origin[$0] }) { readers[variable, default: []].append(place) }
      if node.operation.traits.contains(.view) { origin[node.outputs[0]] = origin[node.inputs[0]] }
    }
    return readers
  }

  private func isNumber(_ value: Value) -> Bool { spec(value).shape.isKnown && spec(value).shape.elementCount == 1 }
}
