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
}
