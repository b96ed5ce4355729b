import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("A SavedModel's signature runs")
struct SavedModelTests {
  private static let x: [Float] = [1, 2, 3, 4, -1, 0, 1, -2]
  private static let y: [Float] = [
    7.581711769104004, 8.921751976013184, 4.714632511138916, 0, 0, 0,
  ]

  @Test("the outputs are TensorFlow's, whose names stay")
  func outputs() throws {
    let model = try SavedModel(fixture("saved_model"))
    #expect(model.signatures.map(\.name) == ["serving_default"])
    #expect(model.signatures.first?.inputs == ["x"] && model.signatures.first?.outputs == ["y"])
    #expect(model.variables?.contains("w/.ATTRIBUTES/VARIABLE_VALUE") == true)
    let graph = try model.graph()
    let y = try CPUExecutor(graph).run(["x": Tensor([2, 4], SavedModelTests.x)])["y"]!
    #expect(difference(y, Tensor([2, 3], SavedModelTests.y), tolerance: 1e-5) == nil)
  }

  @Test("branches and loops that read variables give TensorFlow's outputs")
  func branches() throws {
    let path = fixture("saved_model_branches")
    let expected = try Safetensors.open(path + "/expected.safetensors")
    let graph = try SavedModel(path).graph()
    for number in 0..<2 {
      let found = try CPUExecutor(graph).run(["x": expected.tensor("x\(number)")])
      for name in ["y", "z"] {
        let reference = try expected.tensor("\(name)\(number)")
        #expect(difference(try #require(found[name]), reference, tolerance: 1e-5) == nil, "\(name)\(number)")
      }
    }
  }

  @Test("a loop of TensorFlow 1 that reads variables of both kinds gives TensorFlow's outputs")
  func oldLoops() throws {
    let path = fixture("saved_model_loops")
    let expected = try Safetensors.open(path + "/expected.safetensors")
    let found = try CPUExecutor(SavedModel(path).graph()).run(["x": expected.tensor("x")])
    #expect(try difference(#require(found["y"]), expected.tensor("y"), tolerance: 1e-6) == nil)
  }

  @Test("what is not there is named")
  func refusals() throws {
    let model = try SavedModel(fixture("saved_model"))
    #expect(throws: InterchangeError.self) { try model.graph(signature: "train") }
    #expect(throws: InterchangeError.self) { try SavedModel(fixture("saved_model"), tags: ["gpu"]) }
    #expect(throws: CheckpointError.self) { try SavedModel(fixture("tf1_saver")) }
  }

  @Test("variables that are there but cannot be read are an error that names the file")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    let graph = try Data(contents(fixture("saved_model") + "/saved_model.pb"))
    try graph.write(to: URL(fileURLWithPath: folder.file("saved_model.pb")))
    #expect(try SavedModel(folder.path).variables == nil, "a model may have none")
    let index = folder.file("variables/variables.index")
    try FileManager.default.createDirectory(atPath: index, withIntermediateDirectories: true)
    let error = #expect(throws: CheckpointError.self) { try SavedModel(folder.path) }
    #expect(error?.kind == .unreadable && error?.file == index)
  }

  @Test("a damaged graph gives an error or a graph, never a trap")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let source = fixture("saved_model")
    let variables = folder.file("variables")
    try FileManager.default.copyItem(atPath: source + "/variables", toPath: variables)
    let original = try contents(source + "/saved_model.pb")
    var generator = SplitMix(21)
    for number in 0..<Fuzzing.count(otherwise: 250) {
      let bytes = Fuzzing.mutated(original, &generator)
      try Data(bytes).write(to: URL(fileURLWithPath: folder.file("saved_model.pb")))
      do {
        _ = try SavedModel(folder.path).graph()
      } catch is InterchangeError {
      } catch is CheckpointError {
      } catch {
        Issue.record("mutation \(number): \(error)")
      }
    }
  }
}
