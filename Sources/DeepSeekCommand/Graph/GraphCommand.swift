import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// `ds graph`: what a model computes, as a picture or a listing.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw the graph of a model, or write it for TensorFlow.",
    discussion: """
      MODEL is a graph written by this framework, an ONNX model (.onnx), a frozen TensorFlow graph (.pb, .pbtxt), or a BERT \
      model folder, which is captured for one sequence. The output's ending says what is made: .svg a picture, .dot a \
      description for Graphviz, .txt a listing, .pb or .pbtxt a frozen TensorFlow graph for --batch examples. Without -o the \
      listing goes to standard output.

      EXAMPLES
        ds graph digits.graph -o digits.svg
        ds graph detector.onnx -o detector.svg
        ds graph bert-base-uncased --sequence 128 -o bert.dot
        ds graph digits.graph --batch 32 -o digits.pb
      """)

  @Argument(help: "A graph file, an ONNX model, a frozen TensorFlow graph or a model folder.")
  var model: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Where the picture goes: .svg, .dot or .txt; or the graph: .pb or .pbtxt.", valueName: "file"))
  var output: String?

  @Option(help: "Of a model folder, tokens in the sequence.")
  var sequence = 16

  @Option(help: "For a TensorFlow graph, the length of the first axis of inputs where it is open.")
  var batch = 1

  @Flag(help: "Draw the graph as it runs, after the passes that keep every bit.")
  var optimized = false

  @OptionGroup var json: JSONOutput

  /// What can be made.
  private enum Form: String, CaseIterable {
    case svg, dot, txt, pb, pbtxt
  }

  func validate() throws {
    if let output, GraphCommand.form(output) == nil {
      throw ValidationError("'\(output)' must end in .svg, .dot, .txt, .pb or .pbtxt.")
    }
    if sequence < 1 { throw ValidationError("--sequence must be at least 1.") }
    if batch < 1 { throw ValidationError("--batch must be at least 1.") }
  }

  func run() throws {
    var graph = try read()
    if optimized { graph = try graph.optimized() }
    if let output, let form = GraphCommand.form(output) {
      switch form {
      case .svg: try write(graph.svg, to: output)
      case .dot: try write(graph.dot, to: output)
      case .txt: try write("\(graph)\n", to: output)
      case .pb, .pbtxt: try Interchange.exportGraphDef(graph, to: output, shapes: shapes(graph))
      }
    } else if !json.ownsStandardOutput {
      Console.result("\(graph)")
    }
    try json.write([
      "inputs": .array(graph.inputs.map { .string("\($0.name): \(graph.spec($0.value))") }),
      "outputs": .array(graph.outputs.map { .string("\($0.name): \(graph.spec($0.value))") }),
      "nodes": .integer(graph.nodes.count),
      "operators": .array(Set(graph.nodes.map(\.operation.name)).sorted().map { .string($0) }),
      "variables": .array(graph.variables.map { .string($0.name) }),
      "output": output.map { .string($0) } ?? .null,
    ])
  }

  private func write(_ text: String, to path: String) throws { try AtomicFile.write(Array(text.utf8), to: path) }

  /// The inputs' shapes for so many examples.
  private func shapes(_ graph: Graph) -> [String: Shape] {
    var result: [String: Shape] = [:]
    for input in graph.inputs {
      let shape = graph.spec(input.value).shape
      if shape.rank > 0, shape.dimension(0).known == nil {
        result[input.name] = shape.replacing(0, with: Dimension(batch))
      }
    }
    return result
  }

  private func read() throws -> Graph {
    guard try ModelGraph.isFolder(model) else { return try ModelGraph.read(file: model) }
    let encoder = try ModelGraph.encoder(folder: model, sequence: sequence)
    let naming = encoder.namedParameters().map { (name: $0.name, parameter: $0.parameter) }
    let ids = TensorSpec(.int64, Shape([Dimension.symbol("batch"), Dimension(sequence)]))
    return try noGradient {
      try capture([("input_ids", ids)], naming: naming) { inputs in
        [("last_hidden_state", encoder(inputs["input_ids"]!))]
      }
    }
  }

  private static func form(_ path: String) -> Form? {
    Form.allCases.first { path.lowercased().hasSuffix(".\($0.rawValue)") }
  }
}
