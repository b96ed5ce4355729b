public import DeepSeekTensor

extension Graph {
  /// The graph with values replaced by others wherever they are read: by nodes, outputs and updates. Chains of
  /// replacements are followed.
  public func replacing(_ replacements: [Value: Value]) -> Graph {
    if replacements.isEmpty { return self }
    func final(_ value: Value) -> Value {
      var value = value
      while let next = replacements[value] { value = next }
      return value
    }
    var graph = self
    for index in nodes.indices { graph.nodes[index].inputs = nodes[index].inputs.map(final) }
    for index in outputs.indices { graph.outputs[index].value = final(outputs[index].value) }
    for index in variables.indices { graph.variables[index].update = variables[index].update.map(final) }
    return graph
  }

  /// Which node defines each value.
  public func producers() -> [Value: Int] {
    var result: [Value: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs { result[output] = index }
    }
    return result
  }

  /// How often each value is read: by nodes, outputs and updates.
  public func useCounts() -> [Value: Int] {
    var result: [Value: Int] = [:]
    for node in nodes {
      for input in node.inputs { result[input, default: 0] += 1 }
    }
    for value in results { result[value, default: 0] += 1 }
    return result
  }

  /// The constants by value.
  public func constantTensors() -> [Value: Tensor] {
    Dictionary(constants.map { ($0.value, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  /// The same graph with values numbered without gaps, in order of definition.
  public func compacted() -> Graph {
    var graph = self
    var numbers: [Value: Value] = [:]
    graph.specs = []
    func renumber(_ value: Value) -> Value {
      if let known = numbers[value] { return known }
      numbers[value] = graph.makeValue(spec(value))
      return numbers[value]!
    }
    for index in inputs.indices { graph.inputs[index].value = renumber(inputs[index].value) }
    graph.keys = keys.map(renumber)
    for index in constants.indices { graph.constants[index].value = renumber(constants[index].value) }
    for index in variables.indices { graph.variables[index].value = renumber(variables[index].value) }
    for index in nodes.indices {
      graph.nodes[index].inputs = nodes[index].inputs.map(renumber)
      graph.nodes[index].outputs = nodes[index].outputs.map(renumber)
    }
    for index in outputs.indices { graph.outputs[index].value = renumber(outputs[index].value) }
    for index in variables.indices { graph.variables[index].update = variables[index].update.map(renumber) }
    return graph
  }

  /// The graph with its variables' present values as constants: what inference alone needs. Updates are dropped.
  public func freezingVariables() -> Graph {
    var graph = self
    graph.constants += variables.map { Constant($0.value, $0.parameter.value) }
    graph.variables = []
    return graph
  }

  /// A new constant.
  mutating func add(constant tensor: Tensor) -> Value {
    let value = makeValue(tensor.spec)
    constants.append(Constant(value, tensor))
    return value
  }
}
