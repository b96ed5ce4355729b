public import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// A sum of two equal shapes and the layer normalization that reads it become one operator, which walks over memory once and
  /// gives the sum too: what stands between the blocks of a Transformer. Results may differ in the last places.
  public static let residualNormalization = GraphPass("residual normalization") { graph in
    let producers = graph.producers()
    // What takes the place of a sum's node, and the normalizations that it does.
    var fused: [Int: Graph.Node] = [:]
    var gone: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      guard let norm = node.operation as? LayerNormOperator, let place = producers[node.inputs[0]], fused[place] == nil,
        // Weight and bias must be there where the sum is.
        node.inputs.dropFirst().allSatisfy({ producers[$0].map { $0 < place } ?? true })
      else { continue }
      let sum = graph.nodes[place]
      guard let add = sum.operation as? BinaryOperator, add.function == .add, sum.device == node.device,
        sum.inputs.allSatisfy({ graph.spec($0) == graph.spec(sum.outputs[0]) })
      else { continue }
      fused[place] = Graph.Node(
        AddLayerNormOperator(epsilon: norm.epsilon), sum.inputs + node.inputs.dropFirst(),
        outputs: [node.outputs[0], sum.outputs[0]] + node.outputs.dropFirst(), name: node.name ?? sum.name,
        device: node.device)
      gone.insert(index)
    }
    if fused.isEmpty { return graph }
    var result = graph
    result.nodes = graph.nodes.indices.filter { !gone.contains($0) }.map { fused[$0] ?? graph.nodes[$0] }
    return result
  }
}
