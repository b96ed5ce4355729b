import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

private struct Expected: Decodable {
  let ids: [[Int]]
  let mask: [[Int]]
  let states: [Double]
}

@Suite("AutoModel opens what transformers saved")
struct AutoModelTests {
  private static let names = ["bert", "bert_masked_lm", "roberta", "xlm_roberta", "camembert", "distilbert"]

  @Test("States are those of transformers, padding and all", arguments: names)
  func states(name: String) throws {
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: fixture(name).appendingPathComponent("expected.json")))
    let model = try AutoModel.fromPretrained(fixture(name))
    let (ids, mask) = (Tensor(expected.ids), Tensor(expected.mask))
    let states = noGradient { model(ids, attentionMask: mask, typeIDs: nil) }
    #expect(states.shape == [2, 7, model.hiddenSize])
    #expect(model.maximumLength == 12)
    #expect(largestDifference(states, expected.states) < 2e-5)
  }

  @Test("Compiled once, a program serves every batch and length", arguments: names)
  func openLengths(name: String) throws {
    let model = try AutoModel.fromPretrained(fixture(name))
    let exact = try model.compiled(options: CompileOptions(fidelity: .exact))
    let fused = try model.compiled()
    for (batch, length) in [(1, 3), (2, 7), (3, 1)] {
      let ids = RandomGenerator.withSeed(UInt64(length)) { Tensor.randomIntegers([batch, length], 3..<40) }
      let mask = Tensor.ones(like: ids).contiguous()
      let eager = noGradient { model(ids, attentionMask: mask, typeIDs: nil) }
      #expect(largestDifference(try exact(ids, mask)[0], eager.array(of: Double.self)) < 1e-6)
      #expect(largestDifference(try fused(ids, mask)[0], eager.array(of: Double.self)) < 1e-5)
    }
  }

  @Test("In bfloat16 a program's states stay close, and are float32", arguments: names)
  func bfloat16(name: String) throws {
    let model = try AutoModel.fromPretrained(fixture(name))
    let program = try model.compiled(options: CompileOptions(precision: .bfloat16))
    let ids = RandomGenerator.withSeed(6) { Tensor.randomIntegers([2, 7], 3..<40) }
    let mask = Tensor.ones(like: ids).contiguous()
    let eager = noGradient { model(ids, attentionMask: mask, typeIDs: nil) }
    let states = try program(ids, mask)[0]
    #expect(states.dtype == .float32)
    let cosine =
      (states * eager).sum().item(as: Double.self)
      / (states.sumSquares() * eager.sumSquares()).sqrt().item(as: Double.self)
    #expect(cosine > 0.999, "\(cosine)")
    #expect(program.graph.nodes.contains { program.graph.spec($0.outputs[0]).dtype == .bfloat16 })
  }

  @Test("A model of another kind is refused with a list of what there is")
  func unsupported() throws {
    let folder = try TemporaryFolder()
    func message(_ configuration: String) throws -> String {
      try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder.file("config.json")))
      let error = #expect(throws: ModelError.self) { try AutoModel.fromPretrained(folder.path) }
      return error?.description ?? ""
    }
    let text = try message(#"{"model_type": "t5"}"#)
    #expect(text.contains("'model_type' is 't5'"))
    #expect(AutoModel.supportedTypes.allSatisfy(text.contains))
    #expect(
      try message(#"{"architectures": ["T5ForConditionalGeneration"]}"#).contains(
        "'architectures' is 'T5ForConditionalGeneration'"))
    let error = #expect(throws: ModelError.self) {
      try AutoModel.fromPretrained("/nowhere/at/all")
    }
    #expect(error?.description.hasPrefix("/nowhere/at/all: no such model") == true)
  }

  @Test("Without model_type the architecture says which it is")
  func architecture() throws {
    let copy = try TemporaryFolder()
    let source = fixture("roberta")
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        at: source.appendingPathComponent(name), to: URL(fileURLWithPath: copy.file(name)))
    }
    let path = URL(fileURLWithPath: copy.file("config.json"))
    let text = String(decoding: try Data(contentsOf: path), as: UTF8.self)
    let changed = text.replacingOccurrences(of: #""model_type": "roberta","#, with: "")
    #expect(changed != text)
    try Data(changed.utf8).write(to: path)
    let model = try #require(try AutoModel.fromPretrained(copy.path) as? BertModel)
    #expect(model.configuration.family == .roberta)
  }
}
