import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

private struct Expected: Decodable {
  struct Adapter: Decodable {
    let logits: [Double]
    let loss: Double
    let gradients: [String: [Double]]
  }

  let ids: [[Int]]
  let mask: [[Int]]
  let labels: [Int]
  let logits: [Double]
  let adapters: [String: Adapter]
}

private let root = AdapterSubject.root

/// A tiny classifier, and what peft computed with its adapters.
struct AdapterSubject {
  static let root = Bundle.module.bundleURL.appendingPathComponent("Fixtures/adapters", isDirectory: true)

  fileprivate let expected: Expected
  let model: BertForSequenceClassification
  let adapters: Adapters

  init() throws {
    expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: AdapterSubject.root.appendingPathComponent("expected.json")))
    model = try BertForSequenceClassification.load(contentsOf: AdapterSubject.root.appendingPathComponent("base"))
    model.eval()
    adapters = Adapters(model)
  }

  var isAllTrainable: Bool { model.parameters().allSatisfy { $0.isTrainable } }
  var logits: Tensor { model(Tensor(expected.ids), attentionMask: Tensor(expected.mask)) }
  var loss: Tensor { logits.crossEntropy(Tensor([expected.labels.count], expected.labels.map { Int64($0) })) }
}

@Suite("Adapters are those of peft")
struct AdapterTests {
  static let names = ["attention", "all_linear", "table"]

  @Test("Read from peft's folder: logits, loss and every gradient agree", arguments: names)
  func reads(name: String) throws {
    let subject = try AdapterSubject()
    #expect(largestDifference(noGradient { subject.logits }, subject.expected.logits) < 1e-5)
    let layers = try subject.adapters.load(contentsOf: root.appendingPathComponent(name))
    #expect(layers.count == ["attention": 4, "all_linear": 13, "table": 2][name])
    let expected = try #require(subject.expected.adapters[name])
    #expect(largestDifference(noGradient { subject.logits }, expected.logits) < 1e-5)
    let loss = subject.loss
    #expect(abs(loss.item(as: Double.self) - expected.loss) < 1e-5)
    loss.backward()
    var compared = 0
    for named in subject.model.namedParameters() where named.parameter.isTrainable {
      let bare = named.name.replacing(".default", with: "")
      let key = [bare, bare.replacing(".bias", with: ".base_layer.bias")].first { expected.gradients[$0] != nil }
      let values = try #require(key.flatMap { expected.gradients[$0] }, "\(named.name)")
      let gradient = try #require(named.parameter.gradient)
      #expect(largestDifference(gradient, values) < 1e-5, "\(named.name)")
      compared += 1
    }
    #expect(compared == expected.gradients.count)
    // The base is frozen: nothing is gathered for it.
    for named in subject.model.namedParameters() where !named.parameter.isTrainable {
      #expect(named.parameter.gradient == nil)
    }
  }

  @Test("Merged, the model gives the same; unmerged, the weights are the old ones bit for bit", arguments: names)
  func merges(name: String) throws {
    let subject = try AdapterSubject()
    let before = subject.model.stateDictionary()
    try subject.adapters.load(contentsOf: root.appendingPathComponent(name), as: name)
    let adapted = noGradient { subject.logits }.array(of: Double.self)
    try subject.adapters.merge()
    #expect(subject.adapters.mergedNames == [name])
    #expect(largestDifference(noGradient { subject.logits }, adapted) < 1e-5)
    subject.adapters.unmerge()
    #expect(largestDifference(noGradient { subject.logits }, adapted) == 0)
    let weights = subject.model.stateDictionary()
    for (key, tensor) in before where key.hasSuffix("dense.weight") || key.hasSuffix("embeddings.weight") {
      #expect(sameBits(tensor, weights[key]!), "\(key)")
    }
    try subject.adapters.mergeAndRemove()
    #expect(subject.adapters.names.isEmpty)
    #expect(subject.model.stateDictionary().keys == before.keys)
    #expect(subject.isAllTrainable)
    #expect(largestDifference(noGradient { subject.logits }, adapted) < 1e-5)
  }

  @Test("What is saved is loaded again bit for bit, and is what peft wrote", arguments: names)
  func saves(name: String) throws {
    let folder = try TemporaryFolder()
    let subject = try AdapterSubject()
    try subject.adapters.load(contentsOf: root.appendingPathComponent(name), as: name)
    let url = URL(fileURLWithPath: folder.file("copy"))
    try subject.adapters.save(name, to: url, task: .sequenceClassification)
    let written = try Safetensors.open(url.appendingPathComponent("adapter_model.safetensors").path)
    let theirs = try Safetensors.open(root.appendingPathComponent("\(name)/adapter_model.safetensors").path)
    // PEFT writes a classifier's bias three times when all biases are trained.
    let needed = theirs.names.filter { !$0.contains("original_module") && !$0.contains("modules_to_save") }
    #expect(Set(written.names) == Set(needed))
    for key in needed { #expect(sameBits(try written.tensor(key), try theirs.tensor(key)), "\(key)") }
    let other = try AdapterSubject()
    try other.adapters.load(contentsOf: url)
    #expect(sameBits(noGradient { other.logits }, noGradient { subject.logits }))
  }

  @Test("Several adapters hang on one model; scopes and switches choose among them")
  func several() throws {
    let subject = try AdapterSubject()
    let adapters = subject.adapters
    for name in ["attention", "all_linear"] {
      try adapters.load(contentsOf: root.appendingPathComponent(name), as: name)
    }
    let expected = subject.expected
    func difference(_ name: String?) -> Double {
      largestDifference(noGradient { subject.logits }, name.map { expected.adapters[$0]!.logits } ?? expected.logits)
    }
    #expect(adapters.activeNames == ["attention"])
    #expect(difference("attention") < 1e-5)
    #expect(difference("all_linear") > 1e-3)
    try adapters.activate("all_linear")
    #expect(difference("all_linear") < 1e-5)
    adapters.withAdapters(["attention"]) { #expect(difference("attention") < 1e-5) }
    #expect(throws: AdapterError.unknownAdapter("other", known: adapters.names)) { try adapters.activate("other") }
    try adapters.remove("all_linear")
    #expect(difference(nil) < 1e-5)
    try adapters.remove("attention")
    #expect(subject.isAllTrainable)
  }

  @Test("Without its adapters, within a scope, the model is what it was, its head too")
  func scopes() throws {
    let subject = try AdapterSubject()
    try subject.adapters.load(contentsOf: root.appendingPathComponent("attention"))
    let plain = subject.adapters.withoutAdapters { noGradient { subject.logits } }
    #expect(largestDifference(plain, subject.expected.logits) < 1e-5)
    try subject.adapters.activate([])
    #expect(largestDifference(noGradient { subject.logits }, subject.expected.logits) < 1e-5)
    try subject.adapters.activate("default")
    #expect(
      largestDifference(noGradient { subject.logits }, subject.expected.adapters["attention"]!.logits) < 1e-5)
  }

  @Test("A new adapter's dropout is in evaluation where the model is")
  func mode() throws {
    let subject = try AdapterSubject()
    var configuration = LoRAConfiguration(rank: 2, dropout: 0.5)
    configuration.initialization = .random
    try subject.adapters.add(configuration)
    #expect(sameBits(noGradient { subject.logits }, noGradient { subject.logits }))
    subject.model.train()
    #expect(!sameBits(noGradient { subject.logits }, noGradient { subject.logits }))
  }

  @Test("Folders that do not fit are refused by name, and leave the model as it was")
  func refusals() throws {
    let subject = try AdapterSubject()
    let source = root.appendingPathComponent("attention")
    let folder = try TemporaryFolder()
    let url = URL(fileURLWithPath: folder.path)
    let configuration = try String(
      contentsOf: source.appendingPathComponent("adapter_config.json"), encoding: .utf8)
    func write(_ configuration: String, _ tensors: [String: Tensor]) throws {
      try Data(configuration.utf8).write(to: url.appendingPathComponent("adapter_config.json"))
      try Safetensors.save(tensors, to: folder.file("adapter_model.safetensors"))
    }
    let tensors = try Safetensors.open(source.appendingPathComponent("adapter_model.safetensors").path).tensors()
    func message(_ change: (inout String, inout [String: Tensor]) -> Void) throws -> String {
      var (text, changed) = (configuration, tensors)
      change(&text, &changed)
      try write(text, changed)
      do {
        try subject.adapters.load(contentsOf: url)
        return "loaded"
      } catch { return "\(error)" }
    }
    let key = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight"
    #expect(
      try message { text, _ in text.replace("\"use_dora\": false", with: "\"use_dora\": true") }
        .contains("'use_dora' is 'true'"))
    #expect(try message { text, _ in text.replace("\"LORA\"", with: "\"IA3\"") }.contains("'peft_type' is 'IA3'"))
    #expect(try message { text, _ in text.replace("\"r\": 4", with: "\"r\": -4") }.contains("'r' must be"))
    #expect(
      try message { text, _ in text.replace("\"lora_dropout\": 0.0", with: "\"lora_dropout\": 2") }
        .contains("'lora_dropout' must be"))
    #expect(try message { _, tensors in tensors[key] = .zeros([4, 15]) }.contains(key.dropFirst(17)))
    #expect(try message { _, tensors in tensors[key] = .zeros([1 << 40, 0]) }.contains(key.dropFirst(17)))
    #expect(try message { _, tensors in tensors[key.replacing("_A", with: "_B")] = nil }.contains("no weight"))
    #expect(
      try message { _, tensors in tensors["base_model.model.other.lora_A.weight"] = .zeros([1, 1]) }
        .contains("unused: other.lora_A.weight"))
    #expect(
      try message { _, tensors in tensors["base_model.model.classifier.weight"] = nil }
        .contains("missing: classifier.weight"))
    #expect(try message { _, tensors in tensors.removeAll() }.contains("no weight"))
    #expect(subject.adapters.names.isEmpty)
    #expect(subject.isAllTrainable)
    #expect(largestDifference(noGradient { subject.logits }, subject.expected.logits) < 1e-5)
    #expect(try message { _, _ in } == "loaded")
  }
}
