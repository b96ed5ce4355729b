import DeepSeekTensor

extension Graph {
  /// Throws ``GraphError`` unless the graph is whole: every value is defined once and before it is read, every node's
  /// output types and shapes are what its operator infers, names are unique, and updates fit their variables.
  ///
  /// Runs after every pass. Cost: one `infer` a node.
  public func verify() throws {
    var check = Verification(self)
    try check.run()
  }
}

/// One walk over a graph, checking it.
private struct Verification {
  private let graph: Graph
  private var isDefined: [Bool]
  private var constants: [Graph.Value: Tensor] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    isDefined = Array(repeating: false, count: graph.specs.count)
  }

  mutating func run() throws {
    try expectUnique(graph.inputs.map(\.name), "inputs")
    try expectUnique(graph.outputs.map(\.name), "outputs")
    try expectUnique(graph.variables.map(\.name), "variables")
    for input in graph.inputs { try define(input.value) { "input '\(input.name)'" } }
    for key in graph.keys {
      try define(key) { "a random key" }
      let spec = graph.spec(key)
      guard spec == Graph.keySpec else { throw GraphError.invalidGraph("random key \(key) is \(spec), not int64[2]") }
    }
    try checkConstants()
    try checkVariables()
    for (index, node) in graph.nodes.enumerated() { try check(node, index) }
    for output in graph.outputs where !isReadable(output.value) {
      throw GraphError.invalidGraph("output '\(output.name)' is \(output.value), which nothing defines")
    }
    try checkUpdates()
  }

  private func expectUnique(_ names: [String], _ what: String) throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw GraphError.invalidGraph("two \(what) are named '\(name)'")
    }
  }

  private func isReadable(_ value: Graph.Value) -> Bool {
    graph.specs.indices.contains(value.index) && isDefined[value.index]
  }

  private mutating func define(_ value: Graph.Value, _ what: () -> String) throws {
    guard graph.specs.indices.contains(value.index) else {
      throw GraphError.invalidGraph("\(what()) is \(value), but there are \(graph.specs.count) values")
    }
    guard !isDefined[value.index] else { throw GraphError.invalidGraph("\(what()) defines \(value) a second time") }
    isDefined[value.index] = true
  }

  private mutating func checkConstants() throws {
    for constant in graph.constants {
      try define(constant.value) { "a constant" }
      let spec = graph.spec(constant.value)
      guard constant.tensor.graphValue == nil, constant.tensor.spec == spec else {
        throw GraphError.invalidGraph("constant \(constant.value) is \(constant.tensor.spec), noted as \(spec)")
      }
      constants[constant.value] = constant.tensor
    }
  }

  private mutating func checkVariables() throws {
    for variable in graph.variables {
      try define(variable.value) { "variable '\(variable.name)'" }
      let (spec, held) = (graph.spec(variable.value), variable.parameter.spec)
      guard spec == held else {
        throw GraphError.invalidGraph("variable '\(variable.name)' is \(held), noted as \(spec)")
      }
    }
  }

  private func checkUpdates() throws {
    for variable in graph.variables {
      guard let update = variable.update else { continue }
      guard isReadable(update) else {
        throw GraphError.invalidGraph("the update of variable '\(variable.name)' is \(update), which nothing defines")
      }
      let (spec, new) = (graph.spec(variable.value), graph.spec(update))
      guard spec == new else {
        throw GraphError.invalidGraph("variable '\(variable.name)' is \(spec), its update \(new)")
      }
    }
  }

  private mutating func check(_ node: Graph.Node, _ index: Int) throws {
    let name = node.operation.name
    for (place, input) in node.inputs.enumerated() where !isReadable(input) {
      throw GraphError.invalidNode(index, operation: name, "input \(place) is \(input), which is not defined before it")
    }
    let inferred: [TensorSpec]
    do {
      let readsValues = node.operation.traits.contains(.shapeReadsValues)
      inferred = try node.operation.infer(
        node.inputs.map {
          TensorSpec(graph.spec($0).dtype, graph.spec($0).shape, value: readsValues ? constants[$0] : nil)
        })
    } catch {
      throw GraphError.invalidNode(index, operation: name, "\(error)")
    }
    guard inferred.count == node.outputs.count else {
      throw GraphError.invalidNode(
        index, operation: name, "it has \(inferred.count) outputs, but defines \(node.outputs.count) values")
    }
    for (output, spec) in zip(node.outputs, inferred) {
      try define(output) { "node \(index) (\(name))" }
      guard graph.spec(output) == spec else {
        throw GraphError.invalidNode(
          index, operation: name, "\(output) is noted as \(graph.spec(output)), the operator gives \(spec)")
      }
    }
  }
}

extension Graph {
  /// Type and shape of a random key: seed and stream.
  static let keySpec = TensorSpec(.int64, [2])
}

extension Graph.Value: CustomStringConvertible {
  /// `%3`.
  public var description: String { "%\(index)" }
}
