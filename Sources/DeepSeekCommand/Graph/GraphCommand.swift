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
    abstract: "Draw the graph of a model.",
    discussion: """
      MODEL is a graph written by this framework, an ONNX model (.onnx), or a BERT model folder, which is captured for one \
      sequence. The output's ending says what is made: .svg a picture, .dot a description for Graphviz, .txt a listing. \
      Without -o the listing goes to standard output.

      EXAMPLES
        ds graph digits.graph -o digits.svg
        ds graph detector.onnx -o detector.svg
        ds graph bert-base-uncased --sequence 128 -o bert.dot
      """)

  @Argument(help: "A graph file, an ONNX model or a model folder.")
  var model: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Where the picture goes: .svg, .dot or .txt.", valueName: "file"))
  var output: String?

  @Option(help: "Of a model folder, tokens in the sequence.")
  var sequence = 16

  @Flag(help: "Draw the graph as it runs, after the passes that keep every bit.")
  var optimized = false

  @OptionGroup var json: JSONOutput

  /// What can be made.
  private enum Form: String, CaseIterable {
    case svg, dot, txt
  }

  func validate() throws {
    if let output, GraphCommand.form(output) == nil {
      throw ValidationError("'\(output)' must end in .svg, .dot or .txt.")
    }
    if sequence < 1 { throw ValidationError("--sequence must be at least 1.") }
  }

  func run() throws {
    var graph = try read()
    if optimized { graph = try graph.optimized() }
    if let output, let form = GraphCommand.form(output) {
      let text =
        switch form {
        case .svg: graph.svg
        case .dot: graph.dot
        case .txt: "\(graph)\n"
        }
      try AtomicFile.write(Array(text.utf8), to: output)
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

  private func read() throws -> Graph {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) else {
      throw CommandError("\(model): there is no such file or folder")
    }
    if !isFolder.boolValue {
      return try model.lowercased().hasSuffix(".onnx") ? ONNXModel.load(model).graph() : Graph(contentsOf: model)
    }
    let folder = URL(fileURLWithPath: model, isDirectory: true)
    let encoder = try BertModel.load(contentsOf: folder)
    encoder.eval()
    if sequence > encoder.configuration.maximumPositions {
      throw CommandError("\(model): its sequences have at most \(encoder.configuration.maximumPositions) tokens")
    }
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
