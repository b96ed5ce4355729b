import DeepSeekTensor

extension Graph {
  /// The graph in Graphviz's language: `dot -Tsvg` draws it. Inputs and outputs are ovals, variables boxes with double
  /// borders, constants grey; an edge bears its value's type and shape, a dashed one an update.
  public var dot: String {
    var lines = ["digraph graph {", "  rankdir=TB; node [shape=box, fontname=\"Helvetica\"];"]
    var sources: [Value: String] = [:]
    func add(_ value: Value, _ name: String, _ label: String, _ style: String) {
      lines.append("  \(name) [label=\(Graph.quoted(label)), \(style)];")
      sources[value] = name
    }
    for input in inputs { add(input.value, "input\(input.value.index)", input.name, "shape=oval") }
    for key in keys { add(key, "key\(key.index)", "random key", "shape=oval, style=dashed") }
    for constant in constants {
      add(
        constant.value, "constant\(constant.value.index)", "\(spec(constant.value))", "style=filled, fillcolor=gray90")
    }
    for variable in variables {
      add(variable.value, "variable\(variable.value.index)", variable.name, "peripheries=2")
    }
    func edge(_ value: Value, to target: String, _ style: String = "") {
      guard let source = sources[value] else { return }
      lines.append("  \(source) -> \(target) [label=\(Graph.quoted("\(spec(value))"))\(style)];")
    }
    for (index, node) in nodes.enumerated() {
      lines.append("  node\(index) [label=\(Graph.quoted(node.operation.name)), style=rounded];")
      for input in node.inputs { edge(input, to: "node\(index)") }
      for output in node.outputs { sources[output] = "node\(index)" }
    }
    for (index, output) in outputs.enumerated() {
      lines.append("  output\(index) [label=\(Graph.quoted(output.name)), shape=oval];")
      edge(output.value, to: "output\(index)")
    }
    for variable in variables {
      if let update = variable.update { edge(update, to: "variable\(variable.value.index)", ", style=dashed") }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"", "\\": result += "\\\(character)"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
