import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekInterchange
import DeepSeekStatic
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

  @Test("what is not there is named")
  func refusals() throws {
    let model = try SavedModel(fixture("saved_model"))
    #expect(throws: InterchangeError.self) { try model.graph(signature: "train") }
    #expect(throws: InterchangeError.self) { try SavedModel(fixture("saved_model"), tags: ["gpu"]) }
    #expect(throws: CheckpointError.self) { try SavedModel(fixture("tf1_saver")) }
  }

  @Test("a damaged graph gives an error or a graph, never a trap")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let source = fixture("saved_model")
    let variables = folder.file("variables")
    try FileManager.default.copyItem(atPath: source + "/variables", toPath: variables)
    let original = try contents(source + "/saved_model.pb")
    var generator = SplitMix(21)
    for number in 0..<Fuzzing.count / 8 {
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

private let realModels = ProcessInfo.processInfo.environment["DEEPSEEK_REAL_MODELS"]

/// Models of other people's packages, which are not kept here: the environment's `DEEPSEEK_REAL_MODELS` names a folder with
/// them and with what their own library gave (`fer.hdf5` and `fer.npz`, `nmp` and `nmp.npz`).
@Suite("Real models give what their own library gives", .enabled(if: realModels != nil))
struct RealModelTests {
  @Test("fer's Keras file")
  func fer() throws {
    let folder = try #require(realModels)
    let reference = try Npz.open(folder + "/fer.npz")
    let model = try KerasModel.load(folder + "/fer.hdf5")
    let y = try model.predict([reference.tensor("x0")])[0]
    #expect(difference(y, try reference.tensor("y0"), tolerance: 1e-5) == nil)
  }

  @Test("basic-pitch's SavedModel")
  func basicPitch() throws {
    let folder = try #require(realModels)
    let reference = try Npz.open(folder + "/nmp.npz")
    let graph = try SavedModel(folder + "/nmp").graph()
    let outputs = try CPUExecutor(graph).run(["input_2": reference.tensor("input_2")])
    for name in ["contour", "note", "onset"] {
      let found = try #require(outputs[name])
      #expect(difference(found, try reference.tensor("out_" + name), tolerance: 1e-5) == nil)
    }
  }
}
