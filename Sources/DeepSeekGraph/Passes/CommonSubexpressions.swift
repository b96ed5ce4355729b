import DeepSeekTensor

extension GraphPass {
  /// Computes once what is computed twice: nodes of equal operators on the same values become one. Effects stay apart;
  /// random operators with the same key are the same number and become one. In a training step, cheap operators whose large
  /// outputs the backward walk computes again stay apart from the first time, though not from one another: that is what keeps
  /// the outputs from living all the while.
  public static let commonSubexpressions = GraphPass("common subexpressions") { graph in
    var result = graph
    let trains = graph.variables.contains { $0.update != nil }
    var known: [Expression: [Graph.Value]] = [:]
    var first: Set<Expression> = []
    var replacements: [Graph.Value: Graph.Value] = [:]
    result.nodes = []
    for var node in graph.nodes {
      node.inputs = node.inputs.map { replacements[$0] ?? $0 }
      if node.operation.traits.contains(.effect) {
        result.nodes.append(node)
        continue
      }
      let expression = Expression(operation: AnyHashable(node.operation), inputs: node.inputs)
      let isRepeated = trains && node.operation.traits.contains(.recomputable) && graph.isLarge(node.outputs[0])
      if isRepeated && first.insert(expression).inserted {
        result.nodes.append(node)
        continue
      }
      if let outputs = known[expression] {
        for (duplicate, original) in zip(node.outputs, outputs) { replacements[duplicate] = original }
      } else {
        known[expression] = node.outputs
        result.nodes.append(node)
      }
    }
    return result.replacing(replacements)
  }
}

extension Graph {
  /// Whether a value may take enough memory to be worth computing twice.
  fileprivate func isLarge(_ value: Value) -> Bool {
    let spec = spec(value)
    return !spec.shape.isKnown || spec.shape.elementCount * spec.dtype.byteCount >= GradientNode.recomputeThreshold
  }
}

/// What a node computes.
private struct Expression: Hashable {
  let operation: AnyHashable
  let inputs: [Graph.Value]
}
