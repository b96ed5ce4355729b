import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Gathers the elements of an XML text, and whether it is one.
private final class XMLElements: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var text = ""

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    elements.append((elementName, attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

@Suite("Pictures of graphs")
struct PictureTests {
  private static func sample() throws -> Graph {
    let weight = Parameter(pattern([4, 4]))
    return try capture(
      [("x <\"&>", TensorSpec(.float32, Shape([.symbol("batch"), 4])))], naming: [("weight", weight)]
    ) { inputs in
      let x = inputs.values.first!
      let y = NodeScope.$current.withValue(NodeScope(name: "layer", device: Device(.cpu, 1))) {
        x.matmul(weight.tensor)
      }
      weight.value = weight.value * 0.5
      return [("y", (y + x).relu() + y)]
    }
  }

  @Test("an SVG is well-formed, names everything, and has a line for each edge")
  func svg() throws {
    let graph = try PictureTests.sample()
    let elements = XMLElements()
    let parser = XMLParser(data: Data(graph.svg.utf8))
    parser.delegate = elements
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    for name in ["x <\"&>", "weight", "matmul", "layer/matmul", "cpu:1", "relu", "y"] {
      #expect(elements.text.contains(name), "\(name)")
    }
    let lines = elements.elements.filter { $0.name == "path" && $0.attributes["marker-end"] != nil }
    #expect(lines.count == graph.dot.split(separator: "\n").count { $0.contains("->") })
    #expect(lines.count { $0.attributes["stroke-dasharray"] != nil } == 1, "the update of the weight")
  }

  @Test("boxes lie within the picture, none over another, and each below what it reads")
  func layout() throws {
    let graph = try PictureTests.sample()
    let elements = XMLElements()
    let parser = XMLParser(data: Data(graph.svg.utf8))
    parser.delegate = elements
    #expect(parser.parse())
    func number(_ attributes: [String: String], _ name: String) -> Double { Double(attributes[name] ?? "") ?? .nan }
    let picture = elements.elements[0].attributes
    let boxes = elements.elements.filter { $0.name == "rect" && $0.attributes["x"] != nil }.map { element in
      let a = element.attributes
      return (
        x: number(a, "x"), y: number(a, "y"), right: number(a, "x") + number(a, "width"),
        bottom: number(a, "y") + number(a, "height")
      )
    }
    #expect(boxes.count == graph.inputs.count + graph.variables.count + graph.constants.count + graph.nodes.count + 1)
    for (index, box) in boxes.enumerated() {
      #expect(box.x >= 0 && box.y >= 0)
      #expect(box.right <= number(picture, "width") && box.bottom <= number(picture, "height"))
      for other in boxes[(index + 1)...] {
        #expect(box.right <= other.x || other.right <= box.x || box.bottom <= other.y || other.bottom <= box.y)
      }
    }
  }

  @Test("a graph of nothing has a picture, and names and devices stand in the listing and in Graphviz's language")
  func texts() throws {
    #expect(XMLParser(data: Data(Graph().svg.utf8)).parse())
    let graph = try PictureTests.sample()
    #expect(graph.dot.contains("matmul\\nlayer/matmul\\ncpu:1"))
    #expect(graph.description.contains("'layer/matmul' on cpu:1"))
  }

  @Test("passes keep the names of what they change")
  func names() throws {
    let weight = Parameter(pattern([3, 4]))
    let builder = GraphBuilder(namesNodes: true)
    let x = try builder.input("x", TensorSpec(.float32, [2, 4]))
    let y = builder.building { x.matmul(weight.tensor.transposed()) }
    let graph = try builder.finish(outputs: [("y", y)]).optimized(GraphPass.fusing)
    #expect(graph.nodes.map { $0.label } == ["linear 'matmul'"])
  }
}
