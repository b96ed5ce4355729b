import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("ONNX models give ONNX Runtime's outputs")
struct ONNXModelTests {
  @Test(
    "open lengths, weights beside the file, branches, loops, functions, sequences of several lengths, quantized weights",
    arguments: ["onnx_attention", "onnx_recurrent", "onnx_functions", "onnx_image"])
  func references(name: String) throws {
    let model = try ONNXModel.load(fixture(name + ".onnx"))
    let reference = try Reference(name)
    // Twice: the second run takes the graph that the first one made.
    for _ in 0..<2 {
      let results = try model.run(reference.feeds)
      #expect(Set(results.keys) == Set(reference.outputs.keys))
      for (key, expected) in reference.outputs {
        let text = results[key].map { difference($0, expected, tolerance: 1e-5) } ?? "it is missing"
        #expect(text == nil, "\(key)")
      }
    }
  }

  @Test("a graph with open lengths runs for all of them")
  func openLengths() throws {
    let model = try ONNXModel.load(fixture("onnx_attention.onnx"))
    let graph = try model.graph()
    #expect(graph.inputs.map(\.name) == ["x"] && graph.spec(graph.inputs[0].value).shape.isKnown == false)
    let executor = try CPUExecutor(graph)
    let reference = try Reference("onnx_attention")
    let whole = try executor.run(reference.feeds)["y"]!
    #expect(difference(whole, reference.outputs["y"]!, tolerance: 1e-5) == nil)
    #expect(try executor.run(["x": Tensor.ones([3, 7, 8])])["y"]!.shape == [3, 7, 8])
  }

  @Test("an input that a branch follows from may be a constant of the graph")
  func values() throws {
    let model = try ONNXModel.load(fixture("onnx_recurrent.onnx"))
    #expect(throws: InterchangeError.self) { try model.graph() }
    let graph = try model.graph(values: ["kind": Tensor.full([], 1, dtype: .int64)])
    let reference = try Reference("onnx_recurrent")
    let z = try CPUExecutor(graph).run(["x": reference.feeds["x"]!])["z"]!
    #expect(difference(z, reference.outputs["z"]!, tolerance: 1e-5) == nil)
  }

  @Test("initializers are an archive of tensors, wherever their elements are")
  func archive() throws {
    let archive = try ONNXArchive(fixture("onnx_attention.onnx"))
    #expect(archive.format == "ONNX" && archive.metadata["producer_name"] == "fixtures")
    #expect(archive.archiveEntries.map(\.name).prefix(3) == ["wq", "wk", "wv"])
    #expect(archive.archiveEntries[0].lengths == [8, 8] && archive.archiveEntries[0].storedType == "FLOAT")
    #expect(try archive.tensor("scale").item(as: Float.self) == 0.5)
    #expect(try archive.tensor("heads").array(of: Int64.self) == [2, 4])
    let quantized = try ONNXArchive(fixture("onnx_image.onnx"))
    #expect(try quantized.tensor("w").spec == TensorSpec(.int8, [6, 2, 3, 3]))
    #expect(throws: CheckpointError.self) { try archive.tensor("nobody") }
  }

  @Test("what is asked for by a wrong name, or fed with a wrong type, is named")
  func wrongNames() throws {
    let model = try ONNXModel.load(fixture("onnx_attention.onnx"))
    func kind(_ body: () throws -> Void) -> InterchangeError.Kind? {
      do {
        try body()
        return nil
      } catch { return (error as? InterchangeError)?.kind }
    }
    #expect(kind { _ = try model.graph(outputs: ["nobody"]) } == .unknownName)
    #expect(kind { _ = try model.graph(shapes: ["nobody": [1]]) } == .unknownName)
    #expect(kind { _ = try model.run([:]) } == .unknownName)
    #expect(kind { _ = try model.run(["x": Tensor.ones([1, 2, 8], dtype: .float64)]) } == .unsupported)
    #expect(ONNXModel.operators.contains("Conv") && ONNXModel.operators.contains("Loop"))
  }
}
