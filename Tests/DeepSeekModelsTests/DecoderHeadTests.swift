import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Heads on decoders")
struct DecoderHeadTests {
  private func ids(_ fixture: TaskFixture) throws -> Tensor { try fixture.values.tensor("input_ids") }

  @Test(
    "A text's last token is the last that the mask counts, or else the last that is no padding",
    arguments: ["gpt2", "llama"])
  func lastToken(family: String) throws {
    let fixture = try TaskFixture("\(family)-sequence")
    let model = try AutoModelForSequenceClassification.fromPretrained(fixture.folder)
    let ids = try ids(fixture)
    let mask = try fixture.values.tensor("attention_mask")
    try noGradient {
      let expected = try fixture.values.tensor("logits").array(of: Double.self)
      #expect(largestDifference(model(ids, attentionMask: mask, typeIDs: nil), expected) < 1e-5)
      // The second row's two paddings come after all that is looked at.
      #expect(largestDifference(model(ids), expected) < 1e-5)
      let alone = model(ids.sliced(0, 1..<2).sliced(1, 0..<5))
      #expect(largestDifference(alone, Array(expected.suffix(3))) < 1e-5)
      // A mask is believed, whatever the ids say.
      let whole = model(ids, attentionMask: Tensor.ones(like: mask).contiguous(), typeIDs: nil)
      #expect(largestDifference(whole, expected) > 1e-3)
    }
  }

  @Test("Compiled with open lengths, a classifier computes the same", arguments: ["gpt2", "mistral"])
  func compiled(family: String) throws {
    let model = try AutoModelForSequenceClassification.fromPretrained(TaskFixture("\(family)-sequence").folder)
    let program = try model.compiled()
    for (batch, length) in [(1, 3), (3, 6)] {
      let ids = RandomGenerator.withSeed(UInt64(length)) { Tensor.randomIntegers([batch, length], 3..<20) }
      let mask = Tensor(
        [batch, length], (0..<batch * length).map { Int64($0 % length < length - $0 / length ? 1 : 0) })
      let eager = noGradient { model(ids, attentionMask: mask, typeIDs: nil) }
      let logits = try program.run(["input_ids": ids, "attention_mask": mask])["output"]!
      #expect(logits.shape == [batch, 3])
      #expect(largestDifference(logits, eager.array(of: Double.self)) < 1e-5)
    }
  }

  @Test("A language model's folder opens with a fresh head of any task, and any task's folder as a bare model")
  func otherTasks() throws {
    for name in ["gpt2", "llama", "mistral", "qwen2"] {
      let folder = fixture("decoders/\(name)")
      let (model, report) = try RandomGenerator.withSeed(1) {
        try AutoModelForQuestionAnswering.loadWithReport(folder)
      }
      #expect(Set(report.missing) == ["qa_outputs.weight", "qa_outputs.bias"], "\(name)")
      #expect(model.configuration.labels.count == 2)
      let classifier = try AutoModelForSequenceClassification.loadWithReport(folder)
      #expect(classifier.report.missing == ["score.weight"], "\(name)")
      #expect(classifier.report.unused.allSatisfy { $0 == "lm_head.weight" })
      for task in ["question", "token"] {
        let headed = try TaskFixture("\(name)-\(task)")
        let bare = try AutoModel.fromPretrained(headed.folder)
        let weights = try Checkpoint.load(headed.folder.path)
        let table = try #require(bare.namedParameters().first)
        let key = try #require(weights.names.first { $0.hasSuffix("." + table.name) })
        #expect(try sameBits(table.parameter.value, weights.tensor(key)), "\(name) \(task)")
      }
    }
  }

  @Test("A dropout that is no probability is refused by its field")
  func refused() throws {
    let folder = try TemporaryFolder()
    let text = try String(
      contentsOf: TaskFixture("llama-token").folder.appendingPathComponent("config.json"), encoding: .utf8)
    let changed = text.replacing(#""hidden_act""#, with: #""classifier_dropout": 1.5, "hidden_act""#)
    try AtomicFile.write(Array(changed.utf8), to: folder.file("config.json"))
    let error = #expect(throws: ModelError.self) { try AutoConfig.fromPretrained(folder.path) }
    #expect(error?.description.contains("classifier_dropout") == true)
    let kept = text.replacing(#""hidden_act""#, with: #""classifier_dropout": 0.25, "hidden_act""#)
    try AtomicFile.write(Array(kept.utf8), to: folder.file("config.json"))
    let configuration = try LlamaConfiguration(contentsOf: URL(fileURLWithPath: folder.path))
    #expect(configuration.classifierDropout == 0.25)
    #expect(configuration.fields["classifier_dropout"]?.double == 0.25)
  }
}
