extension GraphPass {
  /// Removes nodes, constants and variables that no output, update or effect needs. Inputs and random keys stay: callers
  /// name the ones, and the stream of randomness counts the others.
  public static let deadCode = GraphPass("dead code") { graph in
    var result = graph
    let needed = graph.neededNodes(fetches: Array(graph.outputs.indices), updatesVariables: true)
    result.nodes = needed.map { graph.nodes[$0] }
    let read = Set(result.nodes.flatMap(\.inputs) + graph.results)
    result.constants.removeAll { !read.contains($0.value) }
    result.variables.removeAll { $0.update == nil && !read.contains($0.value) }
    return result
  }
}
