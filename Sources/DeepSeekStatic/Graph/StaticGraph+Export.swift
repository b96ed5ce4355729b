import Synchronization
public import DeepSeekGraph
public import DeepSeekTensor
import DeepSeekOperators

extension StaticGraph {
  /// The part of the graph that some tensors need, as a graph of its own: to be written, drawn, optimized or run elsewhere.
  /// Nodes keep their names and devices. Its variables are the parameters of this graph.
  ///
  /// - Parameters:
  ///   - outputs: What it gives, under these names.
  ///   - operations: What a run of it that updates variables does.
  /// - Throws: ``StaticGraphError`` or `GraphError` when the parts do not fit.
  public func exported(
    outputs: [(name: String, tensor: Tensor)], updating operations: [StaticOperation] = []
  ) throws -> Graph {
    var graph = try part(outputs: outputs, operations)
    let read = Set(graph.nodes.flatMap(\.inputs) + graph.results)
    graph.inputs.removeAll { !read.contains($0.value) }
    return graph.compacted()
  }

  /// The nodes that outputs and operations need, and what those wait for; all inputs stay.
  func part(outputs: [(name: String, tensor: Tensor)], _ operations: [StaticOperation]) throws -> Graph {
    var wanted = operations
    while true {
      let merged = try StaticOperation.merged(StaticOperation.withDependencies(wanted))
      var graph = try builder.graph(outputs: outputs, updates: merged.map(\.assignment))
      let needed = graph.neededNodes(fetches: Array(outputs.indices), updatesVariables: true)
      let included = Set(StaticOperation.withDependencies(wanted).map(ObjectIdentifier.init))
      let waited = state.withLock { state in
        state.controls.filter { control in needed.contains { control.nodes.contains($0) } }.flatMap(\.operations)
      }
      let missing = waited.filter { !included.contains(ObjectIdentifier($0)) }
      guard missing.isEmpty else {
        wanted += missing
        continue
      }
      graph.nodes = needed.map { graph.nodes[$0] }
      let read = Set(graph.nodes.flatMap(\.inputs) + graph.results)
      graph.constants.removeAll { !read.contains($0.value) }
      graph.variables.removeAll { $0.update == nil && !read.contains($0.value) }
      // A run draws the keys that it needs, as the same part run eagerly does.
      graph.keys.removeAll { !read.contains($0) }
      return graph
    }
  }

  /// Adds another graph's nodes to this one, and returns its outputs by name.
  ///
  /// `inputs` stand for its inputs; those not given become placeholders of the same names. Its variables become variables of
  /// this graph, with the same parameters. Names of nodes are kept, with a number where they are taken. Updates of its
  /// variables are noted among ``updates``. Throws `GraphError` when an input does not fit.
  public func add(_ graph: Graph, inputs: [String: Tensor] = [:]) throws -> [String: Tensor] {
    try graph.verify()
    if let unknown = inputs.keys.filter({ graph.inputSpec($0) == nil }).min() {
      throw GraphError.unknownName(kind: "input", unknown, known: graph.inputs.map(\.name))
    }
    return try building {
      var tensors: [Graph.Value: Tensor] = [:]
      for input in graph.inputs {
        let spec = graph.spec(input.value)
        tensors[input.value] = inputs[input.name] ?? placeholder(input.name, spec.shape.dimensions, dtype: spec.dtype)
      }
      for key in graph.keys { tensors[key] = RandomGenerator.current.nextKey() }
      for constant in graph.constants { tensors[constant.value] = constant.tensor }
      for variable in graph.variables {
        tensors[variable.value] = self.variable(variable.name, variable.parameter).tensor
      }
      for node in graph.nodes {
        let operands = node.inputs.map { tensors[$0]! }
        let results = try scope(of: node) { try applyChecked(node.operation, operands) }
        for (value, tensor) in zip(node.outputs, results) { tensors[value] = tensor }
      }
      for variable in graph.variables {
        if let update = variable.update { variable.parameter.value = tensors[update]! }
      }
      return Dictionary(
        graph.outputs.map { ($0.name, tensors[$0.value]!) }, uniquingKeysWith: { first, _ in first })
    }
  }

  private func scope<Result>(of node: Graph.Node, _ body: () throws -> Result) rethrows -> Result {
    let parts = (node.name ?? "").split(separator: "/").dropLast()
    let scope = NodeScope(
      name: NodeScope.joined(NodeScope.current?.name ?? "", parts.joined(separator: "/")),
      device: node.device ?? NodeScope.current?.device)
    return try NodeScope.$current.withValue(scope, operation: body)
  }
}
