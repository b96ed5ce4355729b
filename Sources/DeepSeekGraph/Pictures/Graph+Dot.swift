extension Graph {
  /// The graph in Graphviz's language: `dot -Tsvg` draws it. Inputs and outputs are ovals, variables boxes with double
  /// borders, constants grey; an edge bears its value's type and shape, a dashed one an update.
  public var dot: String {
    let picture = GraphPicture(self)
    var lines = ["digraph {", "  rankdir=TB; node [shape=box, fontname=\"Helvetica\"];"]
    for box in picture.boxes {
      lines.append("  \(box.id) [label=\(Graph.quoted(box.lines.joined(separator: "\n"))), \(Graph.style(box.kind))];")
    }
    for edge in picture.edges {
      let (source, target) = (picture.boxes[edge.source].id, picture.boxes[edge.target].id)
      let style = edge.isUpdate ? ", style=dashed" : ""
      lines.append("  \(source) -> \(target) [label=\(Graph.quoted(edge.label))\(style)];")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func style(_ kind: GraphPicture.Kind) -> String {
    switch kind {
    case .input, .output: "shape=oval"
    case .key: "shape=oval, style=dashed"
    case .constant: "style=filled, fillcolor=gray90"
    case .variable: "peripheries=2"
    case .node: "style=rounded"
    }
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
