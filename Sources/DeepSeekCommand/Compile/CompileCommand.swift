import ArgumentParser
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekJSON
import Foundation

/// `ds compile`: a model as a program.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Make a program of a model.",
    discussion: """
      MODEL is a model folder in Hugging Face's layout, quantized ones too, a graph written by this framework, an ONNX model \
      (.onnx) or a frozen TensorFlow graph (.pb, .pbtxt). A folder's program gives what its first architecture does: states, \
      or logits. It takes any batch and any number of tokens, and opens in milliseconds, its weights mapped from its file, \
      laid out for their products. With --packed it takes texts of any lengths one behind another, without padding.

      EXAMPLES
        ds compile all-MiniLM-L6-v2 -o minilm.dsprogram
        ds compile all-MiniLM-L6-v2 -o packed.dsprogram --packed
        ds compile runs/reviews -o reviews.dsprogram --precision bfloat16
        ds compile detector.onnx -o detector.dsprogram --exact
      """)

  @Argument(help: "A model folder, a graph file, an ONNX model or a frozen TensorFlow graph.")
  var model: String

  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The program's file.", valueName: "file"))
  var output: String

  @OptionGroup var compilation: CompilationOptions

  @Flag(help: "Take texts one behind another, with their offsets, instead of padded ones (BERT and its kin).")
  var packed = false

  @OptionGroup var json: JSONOutput

  func run() throws {
    let start = ContinuousClock.now
    let program = try ModelGraph.program(model, compilation, isPacked: packed)
    try program.write(to: output)
    let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1e3
    if !json.ownsStandardOutput {
      for input in program.graph.inputs { Console.result("input   \(input.name)  \(program.graph.spec(input.value))") }
      for port in program.graph.outputs { Console.result("output  \(port.name)  \(program.graph.spec(port.value))") }
      Console.result(
        "\(program.graph.nodes.count) operators, \(program.constantByteCount) bytes of weights: \(output)")
    }
    try json.write([
      "inputs": .array(program.graph.inputs.map { .string("\($0.name): \(program.graph.spec($0.value))") }),
      "outputs": .array(program.graph.outputs.map { .string("\($0.name): \(program.graph.spec($0.value))") }),
      "operators": .integer(program.graph.nodes.count), "weight_bytes": .integer(program.constantByteCount),
      "seconds": .double(seconds), "output": .string(output),
    ])
  }
}
