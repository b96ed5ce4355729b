import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekRecords
import DeepSeekTensor
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@Suite("Graphs in event files")
struct EventGraphTests {
  @Test("a graph is noted with its nodes, what they read, and shapes")
  func picture() throws {
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(folder.path)
    let weight = Parameter(Tensor.ones([3, 2]))
    let graph = try capture(
      [("x", TensorSpec(.float32, Shape([.symbol("batch"), 3])))], naming: [("layer.weight", weight)]
    ) { inputs in [("y: 1", (inputs["x"]!.matmul(weight.value) + 1).relu())] }
    try writer.graph(graph)
    try writer.close()
    let events = try EventFileReader(writer.path).readAll()
    let bytes = try #require(events.compactMap(\.graph).first)
    let nodes = try Tensorflow_GraphDef(serializedBytes: Data(bytes)).node
    #expect(nodes.first?.name == "x" && nodes.first?.op == "Placeholder" && nodes.last?.name == "y__1")
    #expect(Set(nodes.map(\.name)).count == nodes.count)
    let names = Set(nodes.map(\.name))
    #expect(nodes.flatMap(\.input).allSatisfy { names.contains($0) })
    #expect(names.isSuperset(of: ["layer.weight", "matmul", "relu"]))
    let sizes = nodes.first?.attr["_output_shapes"]?.list.shape.first?.dim.map(\.size)
    #expect(sizes == [-1, 3])
  }

  /// The interpreter in `DEEPSEEK_PYTHON`, which must have `tensorboard`.
  private static let python = ProcessInfo.processInfo.environment["DEEPSEEK_PYTHON"]

  /// A node as TensorBoard has it.
  private struct Node: Decodable {
    let name: String
    let op: String
    let input: [String]
    let shapes: [[Int]]
  }

  @Test(
    "TensorBoard reads a graph's nodes, what they read and their shapes",
    .enabled(if: python != nil, "left out: DEEPSEEK_PYTHON does not name a Python with tensorboard"))
  func peer() throws {
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(folder.path)
    let (weight, bias) = (Parameter(Tensor.ones([2, 3])), Parameter(Tensor.zeros([2])))
    let graph = try capture(
      [("x", TensorSpec(.float32, Shape([.symbol("batch"), 3])))],
      naming: [("layer.weight", weight), ("layer.bias", bias)]
    ) { inputs in [("y", inputs["x"]!.linear(weight.value, bias: bias.value).softmax(axis: 1))] }
    try writer.graph(graph)
    try writer.close()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: EventGraphTests.python!)
    process.arguments = [fixture("read_graph.py"), folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    if String(decoding: output, as: UTF8.self).contains("no tensorboard") {
      print("EventGraphTests: TensorBoard's part was left out, because \(EventGraphTests.python!) has no tensorboard")
      return
    }
    let nodes = try JSONDecoder().decode([Node].self, from: output)
    let byName = Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0) })
    #expect(byName["x"]?.op == "Placeholder" && byName["x"]?.shapes == [[-1, 3]])
    #expect(byName["layer.weight"]?.op == "VariableV2" && byName["layer.weight"]?.shapes == [[2, 3]])
    #expect(byName["linear"]?.input == ["x", "layer.weight", "layer.bias"] && byName["linear"]?.shapes == [[-1, 2]])
    #expect(byName["softmax"]?.input == ["linear"] && byName["y"]?.input == ["softmax"])
    #expect(nodes.count == graph.inputs.count + graph.variables.count + graph.nodes.count + 1)
  }
}
