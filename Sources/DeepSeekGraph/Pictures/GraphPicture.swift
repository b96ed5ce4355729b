import DeepSeekTensor

/// What a picture of a graph shows: boxes and the values that go from one to another.
struct GraphPicture {
  /// What a box stands for, which decides its looks.
  enum Kind {
    case input, key, constant, variable, node, output
  }

  struct Box {
    var id: String
    /// Lines of text.
    var lines: [String]
    var kind: Kind
  }

  struct Edge {
    /// Places in ``GraphPicture/boxes``.
    var source: Int
    var target: Int
    var label: String
    /// Whether it is a variable's update, which goes back to where it came from.
    var isUpdate: Bool
  }

  private(set) var boxes: [Box] = []
  private(set) var edges: [Edge] = []

  init(_ graph: Graph) {
    var sources: [Graph.Value: Int] = [:]
    func add(_ box: Box, _ values: [Graph.Value]) {
      for value in values { sources[value] = boxes.count }
      boxes.append(box)
    }
    func connect(_ value: Graph.Value, to target: Int, isUpdate: Bool = false) {
      guard let source = sources[value] else { return }
      edges.append(Edge(source: source, target: target, label: "\(graph.spec(value))", isUpdate: isUpdate))
    }
    for input in graph.inputs {
      add(Box(id: "input\(input.value.index)", lines: [input.name], kind: .input), [input.value])
    }
    for key in graph.keys { add(Box(id: "key\(key.index)", lines: ["random key"], kind: .key), [key]) }
    for constant in graph.constants {
      let value = constant.value
      add(Box(id: "constant\(value.index)", lines: ["\(graph.spec(value))"], kind: .constant), [value])
    }
    var variables: [Int] = []
    for variable in graph.variables {
      variables.append(boxes.count)
      add(Box(id: "variable\(variable.value.index)", lines: [variable.name], kind: .variable), [variable.value])
    }
    for (index, node) in graph.nodes.enumerated() {
      let lines = [node.operation.name, node.name, node.device?.description].compactMap { $0 }
      for input in node.inputs { connect(input, to: boxes.count) }
      add(Box(id: "node\(index)", lines: lines, kind: .node), node.outputs)
    }
    for (index, output) in graph.outputs.enumerated() {
      connect(output.value, to: boxes.count)
      add(Box(id: "output\(index)", lines: [output.name], kind: .output), [])
    }
    for (place, variable) in zip(variables, graph.variables) {
      if let update = variable.update { connect(update, to: place, isUpdate: true) }
    }
  }
}
