extension Graph {
  /// The graph as an SVG picture, top to bottom: inputs and outputs round, variables in bold frames, constants grey, updates
  /// dashed. Type and shape of a value show when the pointer rests on its line.
  public var svg: String {
    let picture = GraphPicture(self)
    let layout = LayeredLayout(picture)
    let (width, height) = (Graph.number(layout.width), Graph.number(layout.height))
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
        + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">",
      "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
        + "orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
    ]
    for edge in picture.edges {
      let path = Graph.path(layout.places[edge.source], layout.places[edge.target])
      let dashes = edge.isUpdate ? " stroke-dasharray=\"4 3\"" : ""
      lines.append(
        "<path d=\"\(path)\" fill=\"none\" stroke=\"#555\"\(dashes) marker-end=\"url(#tip)\">"
          + "<title>\(Graph.escaped(edge.label))</title></path>")
    }
    for (box, place) in zip(picture.boxes, layout.places) { lines += Graph.drawn(box, place) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private static func drawn(_ box: GraphPicture.Box, _ place: LayeredLayout.Place) -> [String] {
    let isRound = box.kind == .input || box.kind == .output || box.kind == .key
    let radius = isRound ? place.height / 2 : box.kind == .node ? 5 : 0
    let fill = box.kind == .constant ? "#e6e6e6" : box.kind == .node ? "#f3f7ff" : "white"
    let stroke = box.kind == .variable ? "2.5" : "1"
    let dashes = box.kind == .key ? " stroke-dasharray=\"4 3\"" : ""
    var lines = [
      "<rect x=\"\(number(place.x))\" y=\"\(number(place.y))\" width=\"\(number(place.width))\" "
        + "height=\"\(number(place.height))\" rx=\"\(number(radius))\" fill=\"\(fill)\" stroke=\"black\" "
        + "stroke-width=\"\(stroke)\"\(dashes)/>"
    ]
    for (index, text) in box.lines.enumerated() {
      let y = place.y + 6 + Double(index + 1) * LayeredLayout.letter.height - 4
      // The operator stands out from the node's own name.
      let weight = index == 0 && box.kind == .node ? " font-weight=\"bold\"" : ""
      lines.append(
        "<text x=\"\(number(place.centre))\" y=\"\(number(y))\" text-anchor=\"middle\"\(weight)>\(escaped(text))</text>"
      )
    }
    return lines
  }

  /// From the lower edge of one box to the upper edge of another, bent so that it leaves and arrives upright. One that leads
  /// upwards bends out to the side.
  private static func path(_ source: LayeredLayout.Place, _ target: LayeredLayout.Place) -> String {
    let (x0, y0, x1, y1) = (source.centre, source.y + source.height, target.centre, target.y)
    if y1 > y0 {
      let middle = (y0 + y1) / 2
      return "M\(number(x0)) \(number(y0))C\(number(x0)) \(number(middle)) \(number(x1)) \(number(middle)) "
        + "\(number(x1)) \(number(y1))"
    }
    let side = max(source.x + source.width, target.x + target.width) + 40
    return "M\(number(x0)) \(number(y0))C\(number(side)) \(number(y0 + 40)) \(number(side)) \(number(y1 - 40)) "
      + "\(number(x1)) \(number(y1))"
  }

  /// With one digit behind the point.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // XML knows no other control characters.
      case let control where control.value < 0x20 && control != "\t": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
