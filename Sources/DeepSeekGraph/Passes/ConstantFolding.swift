import DeepSeekTensor

extension GraphPass {
  /// Computes now what depends on constants alone.
  ///
  /// Outputs that would take more than 1 MiB more than their inputs are left to the run, so that a graph of few bytes does
  /// not become one of many; views take nothing. What fails to compute is left too, to fail where it is run.
  public static let constantFolding = GraphPass("constant folding") { graph in
    var result = graph
    var constants = graph.constantTensors()
    result.nodes = []
    for node in graph.nodes {
      guard let outputs = folded(node, graph, constants) else {
        result.nodes.append(node)
        continue
      }
      for (value, tensor) in zip(node.outputs, outputs) {
        result.constants.append(Graph.Constant(value, tensor))
        constants[value] = tensor
      }
    }
    return result
  }

  private static let growthLimit = 1 << 20

  private static func folded(
    _ node: Graph.Node, _ graph: Graph, _ constants: [Graph.Value: Tensor]
  ) -> [Tensor]? {
    let traits = node.operation.traits
    let specs = node.outputs.map { graph.spec($0) }
    guard !traits.contains(.effect), !node.inputs.isEmpty, specs.allSatisfy(\.shape.isKnown) else { return nil }
    let inputs = node.inputs.compactMap { constants[$0] }
    guard inputs.count == node.inputs.count else { return nil }
    let added =
      specs.reduce(0) { $0 + $1.byteCount } - inputs.reduce(0) { $0 + min($1.spec.byteCount, $1.storage.byteCount) }
    guard traits.contains(.view) || added <= growthLimit else { return nil }
    guard let outputs = try? noGradient({ try applyChecked(node.operation, inputs) }) else { return nil }
    return outputs.map(\.spec) == specs ? outputs : nil
  }
}

extension TensorSpec {
  /// Bytes of a tensor of known shape.
  var byteCount: Int { shape.elementCount * dtype.byteCount }
}
