import DeepSeekTensor

extension GraphPass {
  /// Computes once what is computed twice: nodes of equal operators on the same values become one. Effects stay apart;
  /// random operators with the same key are the same number and become one.
  public static let commonSubexpressions = GraphPass("common subexpressions") { graph in
    var result = graph
    var known: [Expression: [Graph.Value]] = [:]
    var replacements: [Graph.Value: Graph.Value] = [:]
    result.nodes = []
    for var node in graph.nodes {
      node.inputs = node.inputs.map { replacements[$0] ?? $0 }
      if node.operation.traits.contains(.effect) {
        result.nodes.append(node)
        continue
      }
      let expression = Expression(operation: AnyHashable(node.operation), inputs: node.inputs)
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

/// What a node computes.
private struct Expression: Hashable {
  let operation: AnyHashable
  let inputs: [Graph.Value]
}
