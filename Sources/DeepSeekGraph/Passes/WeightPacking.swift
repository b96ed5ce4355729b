import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Constant weights of linear operators are laid out as their products read them, once and for all: a program that is
  /// written has them so in its file, and one that runs keeps no second copy. Every bit stays.
  ///
  /// Comes after all fusion, which does not look into packed weights. A weight that something else reads too stays beside
  /// its packed form.
  public static let weightPacking = GraphPass("weight packing") { graph in
    var result = graph
    let constants = graph.constantTensors()
    var packed: [Graph.Value: Graph.Value] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard let linear = node.operation as? LinearOperator, let weight = constants[node.inputs[1]] else { continue }
      if packed[node.inputs[1]] == nil {
        guard let form = PackedLinearOperator.packed(weight) else { continue }
        packed[node.inputs[1]] = result.makeValue(form.spec)
        result.constants.append(Graph.Constant(packed[node.inputs[1]]!, form))
      }
      let operation = PackedLinearOperator(outputSize: weight.shape[0], activation: linear.activation)
      result.nodes[index] = Graph.Node(
        operation, [node.inputs[0], packed[node.inputs[1]]!] + node.inputs.dropFirst(2), replacing: node)
    }
    return result
  }
}
