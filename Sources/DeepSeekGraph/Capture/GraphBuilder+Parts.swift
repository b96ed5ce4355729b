public import DeepSeekTensor

/// Building a graph bit by bit, and taking parts of it to run: what the static layer does.
extension GraphBuilder {
  /// A constant, and the tensor that stands for it. Throws ``GraphError`` when the graph is finished.
  public func constant(_ tensor: Tensor) throws -> Tensor {
    let value = try withState { state in
      try state.expectUnfinished()
      return try state.value(of: tensor, for: self)
    }
    return place(value, tensor.spec)
  }

  /// Names a parameter's variable, from now on and in what was built; a number is put behind a name that another has.
  /// Returns the name that it got.
  @discardableResult
  public func setName(_ name: String, of parameter: Parameter) -> String {
    withState { $0.setName(name, of: parameter) }
  }

  /// The name of a parameter's variable; `parameter` for one that is none.
  public func name(of parameter: Parameter) -> String { withState { $0.name(of: parameter) ?? "parameter" } }

  /// A name that is given once: `name`, or with a number behind it.
  public func uniqueName(_ name: String) -> String { withState { $0.uniqueName(name) } }

  /// How many nodes there are.
  public var nodeCount: Int { withState { $0.graph.nodes.count } }

  /// What can be fed.
  public var inputs: [Graph.Port] { withState { $0.graph.inputs } }

  /// What was assigned to parameters in the scope that is open now.
  public var currentAssignments: [(parameter: Parameter, tensor: Tensor)] { withState { $0.assignments } }

  /// Runs `body` as ``building(_:)`` does, with parameters first holding what `assigned` says, and returns beside its result
  /// what it assigned to parameters. Outside `body` they hold what they held before; gradients gathered in it end with it.
  public func assignments<Result>(
    from assigned: [(parameter: Parameter, tensor: Tensor)] = [], _ body: () throws -> Result
  ) rethrows -> (result: Result, assigned: [(parameter: Parameter, tensor: Tensor)]) {
    let before = withState { $0.beginAssignments(assigned) }
    defer { withState { $0.endAssignments(before) } }
    let result = try building(body)
    return (result, withState { $0.assignments })
  }

  /// The graph so far with these outputs, in which these parameters, and no others, take these tensors after a run. Throws
  /// ``GraphError`` when it is not whole. What is built afterwards is not in it.
  public func graph(
    outputs: [(name: String, tensor: Tensor)], updates: [(parameter: Parameter, tensor: Tensor)]
  ) throws -> Graph {
    let graph = try withState { state in
      try state.expectUnfinished()
      let ports = try outputs.map { Graph.Port($0.name, try state.value(of: $0.tensor, for: self)) }
      let changes = try updates.map { parameter, tensor in
        (state.variableIndex(for: parameter, value: tensor), try state.value(of: tensor, for: self))
      }
      var graph = state.graph
      graph.outputs = ports
      for (place, value) in changes {
        graph.variables[place].update = value == graph.variables[place].value ? nil : value
      }
      return graph
    }
    try graph.verify()
    return graph
  }
}
