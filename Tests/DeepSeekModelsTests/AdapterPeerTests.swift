import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// Python must have `torch`, `transformers` and `peft`; `DEEPSEEK_REQUIRE_TRANSFORMERS` says that it has.
@Suite("peft opens the adapters that are saved")
struct AdapterPeerTests {
  @Test(
    "Adapters that it made, and new ones of each kind: the same logits, apart and merged",
    .enabled(if: PeerPython.interpreter != nil, "left out: DEEPSEEK_PYTHON names no Python"))
  func peers() throws {
    let folder = try TemporaryFolder()
    func save(_ name: String, _ prepare: (Adapters) throws -> Void) throws {
      let subject = try AdapterSubject()
      try RandomGenerator.withSeed(7) { try prepare(subject.adapters) }
      let url = URL(fileURLWithPath: folder.file(name), isDirectory: true)
      try subject.adapters.save(to: url, baseModel: "base", task: .sequenceClassification)
      let logits = noGradient { subject.logits }.array(of: Double.self)
      try JSONEncoder().encode(logits).write(to: url.appendingPathComponent("logits.json"))
    }
    for name in AdapterTests.names {
      try save(name) { try $0.load(contentsOf: AdapterSubject.root.appendingPathComponent(name)) }
    }
    var configuration = LoRAConfiguration(rank: 3, alpha: 5, targets: .allLinear, dropout: 0.1)
    configuration.initialization = .random
    configuration.modulesToSave = ["classifier"]
    try save("new_all_linear") { try $0.add(configuration) }
    configuration.bias = .all
    configuration.isRankStabilized = true
    configuration.excluded = ["pooler.dense"]
    configuration.rankPattern = ["query": 5]
    configuration.alphaPattern = ["layer.1.output.dense": 2.5]
    try save("new_biases") { try $0.add(configuration) }
    configuration.targets = .pattern(#".*(word_embeddings|key)"#)
    configuration.bias = .adapted
    try save("new_table") { try $0.add(configuration) }

    // Products whose weights stand as [inputs, outputs].
    let decoder = try DecoderAdapterSubject()
    try RandomGenerator.withSeed(7) {
      var lora = LoRAConfiguration(rank: 2, alpha: 5, targets: .names(["c_attn", "c_proj", "c_fc"]))
      lora.initialization = .random
      try decoder.adapters.add(lora)
    }
    let url = URL(fileURLWithPath: folder.file("new_gpt2"), isDirectory: true)
    try decoder.adapters.save(to: url, baseModel: "gpt2", task: .causalLanguageModelling)
    try JSONEncoder().encode(noGradient { decoder.logits }.array(of: Double.self))
      .write(to: url.appendingPathComponent("logits.json"))

    let (status, output) = try PeerPython.run(
      AdapterSubject.root.appendingPathComponent("read_back.py").path,
      AdapterSubject.root.appendingPathComponent("base").path, folder.path)
    #expect(status == 0, "\(output)")
    if output.contains("no peft") {
      #expect(ProcessInfo.processInfo.environment["DEEPSEEK_REQUIRE_TRANSFORMERS"] == nil, "\(output)")
      print("AdapterPeerTests: left out, because Python lacks peft")
    } else {
      #expect(output.contains("new_table") && output.contains("new_gpt2"), "\(output)")
    }
  }
}
