import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// A tiny GPT-2, and what peft computed with an adapter of it.
struct DecoderAdapterSubject {
  struct Expected: Decodable {
    let ids: [[Int]]
    let logits: [Double]
    let loss: Double
    let gradients: [String: [Double]]
  }

  static let folder = AdapterSubject.root.appendingPathComponent("gpt2", isDirectory: true)
  static let base = AdapterSubject.root.deletingLastPathComponent().appendingPathComponent("decoders/gpt2")
  let expected: Expected
  let model: GPT2ForCausalLM
  let adapters: Adapters

  init() throws {
    expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: DecoderAdapterSubject.folder.appendingPathComponent("expected.json")))
    model = try GPT2ForCausalLM.load(contentsOf: DecoderAdapterSubject.base)
    adapters = Adapters(model)
  }

  var logits: Tensor { model(Tensor(expected.ids)) }
}

@Suite("Adapters of layers whose weights stand as [inputs, outputs]")
struct DecoderAdapterTests {
  @Test("Read from peft's folder: logits, loss and every gradient agree, apart and merged")
  func reads() throws {
    let subject = try DecoderAdapterSubject()
    let layers = try subject.adapters.load(contentsOf: DecoderAdapterSubject.folder)
    #expect(layers.contains("transformer.h.0.mlp.c_proj") && layers.contains("transformer.h.1.attn.c_attn"))
    #expect(largestDifference(noGradient { subject.logits }, subject.expected.logits) < 1e-5)
    let loss = subject.model(Tensor(subject.expected.ids), labels: Tensor(subject.expected.ids)).loss
    #expect(abs(loss.item(as: Double.self) - subject.expected.loss) < 1e-5)
    loss.backward()
    var count = 0
    for named in subject.model.namedParameters() where named.parameter.isTrainable {
      let key = named.name.replacing(".default.", with: ".")
      let gradient = try #require(named.parameter.gradient)
      #expect(largestDifference(gradient, try #require(subject.expected.gradients[key], "\(key)")) < 1e-5, "\(key)")
      count += 1
    }
    #expect(count == subject.expected.gradients.count)
    try subject.adapters.merge()
    #expect(largestDifference(noGradient { subject.logits }, subject.expected.logits) < 1e-4)
    subject.adapters.unmerge()
  }

  @Test("What is written is read again, and says which way the weights lie")
  func saves() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (try DecoderAdapterSubject(), try DecoderAdapterSubject())
    try first.adapters.load(contentsOf: DecoderAdapterSubject.folder)
    let url = URL(fileURLWithPath: folder.path, isDirectory: true)
    try first.adapters.save(to: url, task: .causalLanguageModelling)
    let file = try String(contentsOf: url.appendingPathComponent("adapter_config.json"), encoding: .utf8)
    #expect(file.contains(#""fan_in_fan_out": true"#))
    try second.model.merge(adapterIn: folder.path)
    #expect(second.adapters.names.isEmpty)
    #expect(largestDifference(noGradient { second.logits }, noGradient { first.logits }) < 1e-4)
    #expect(second.model.usualAdapterTargets == .names(["c_attn"]))
  }

  @Test("An adapter of a model with a head goes on its encoder too, without the head")
  func bare() throws {
    let folder = try TemporaryFolder()
    let subject = try AdapterSubject()
    var lora = LoRAConfiguration(rank: 2, targets: subject.model.usualAdapterTargets)
    lora.initialization = .random
    lora.modulesToSave = subject.model.usualModulesToSave
    #expect(lora.modulesToSave == ["classifier"])
    let chosen = lora
    _ = try RandomGenerator.withSeed(3) { try subject.adapters.add(chosen) }
    try subject.adapters.save(to: URL(fileURLWithPath: folder.path, isDirectory: true))
    let encoder = try BertModel.load(contentsOf: AdapterSubject.root.appendingPathComponent("base"))
    let ids = Tensor([[3, 4, 5]])
    let plain = noGradient { encoder(ids) }
    try encoder.merge(adapterIn: folder.path)
    let merged = noGradient { encoder(ids) }
    #expect(largestDifference(merged, plain) > 1e-3)
    #expect(largestDifference(merged, noGradient { subject.model.bert(ids) }) < 1e-4)
  }
}
