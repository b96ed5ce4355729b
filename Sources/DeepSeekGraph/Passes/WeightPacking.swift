import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Constant weights of products are laid out as the products read them, once and for all, in whatever type they are kept: a
  /// program that is written has them so in its file, and one that runs keeps no second copy. Every bit stays.
  ///
  /// Comes after all fusion, which does not look into packed weights. A weight that something else reads too stays beside
  /// its packed form.
  public static let weightPacking = GraphPass("weight packing") { graph in
    var result = graph
    let constants = graph.constantTensors()
    var known: [[Graph.Value]: [Graph.Value]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard let product = node.operation as? any PackableOperator else { continue }
      let range = product.weightInputs
      let weight = node.inputs[range].compactMap { constants[$0] }
      guard weight.count == range.count, let packed = product.packed(weight) else { continue }
      let source = Array(node.inputs[range])
      if known[source] == nil {
        known[source] = packed.weight.map { part in
          let value = result.makeValue(part.spec)
          result.constants.append(Graph.Constant(value, part))
          return value
        }
      }
      var inputs = node.inputs
      inputs.replaceSubrange(range, with: known[source]!)
      result.nodes[index] = Graph.Node(packed.operation, inputs, replacing: node)
    }
    return result
  }
}
