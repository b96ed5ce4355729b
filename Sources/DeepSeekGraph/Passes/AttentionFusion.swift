import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Attention written out, softmax(scale · Q Kᵀ + mask) V, becomes the one operator, which never forms the weights as a whole.
  ///
  /// Masks are taken in whether they are added to scores or put in their place; what hides the keys behind each query's own
  /// place becomes the operator's own direction, which does no work for them. Heads of keys and values that were copied for
  /// groups of queries are read where they are. Results may differ in the last places; a row with nothing to attend to gives
  /// zeros where −∞ hid the keys.
  public static let attentionFusion = GraphPass("attention fusion") { graph in
    var result = graph
    let context = FusionContext(graph)
    var nodes: [Graph.Node] = []
    for node in graph.nodes {
      if let match = AttentionPattern(node, context) {
        nodes += try result.attention(match, replacing: node)
      } else {
        nodes.append(node)
      }
    }
    result.nodes = nodes
    return result
  }
}

extension Graph {
  fileprivate mutating func attention(_ match: AttentionPattern, replacing node: Node) throws -> [Node] {
    var nodes: [Node] = []
    var inputs = [match.queries, match.keys.value, match.values]
    if match.keys.isTransposed {
      let swap = TransposeOperator([0, 1, 3, 2])
      let turned = makeValue(try swap.infer([spec(inputs[1])])[0])
      nodes.append(Node(swap, [inputs[1]], outputs: [turned], device: node.device))
      inputs[1] = turned
    }
    let mask = try match.mask.value(in: &self, dtype: spec(node.outputs[0]).dtype, device: node.device)
    if let mask {
      nodes += mask.nodes
      inputs.append(mask.mask)
    }
    let operation = AttentionOperator(
      scale: match.scale, isCausal: match.mask.isCausal, dropout: 0, hasMask: mask != nil)
    let outputs = try operation.infer(inputs.map { spec($0) }).map { makeValue($0) }
    nodes.append(Node(operation, inputs, outputs: outputs, name: node.name, device: node.device))
    nodes.append(Node(TransposeOperator([0, 2, 1, 3]), [outputs[0]], replacing: node))
    return nodes
  }
}
