import DeepSeekCheckpoints
import DeepSeekModels
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("What is wrong with a model's folder is said by file and field")
struct PretrainedErrorTests {
  /// The message of opening a classifier whose configuration and weights were changed.
  private func message(
    _ name: String = "bert-sequence", configuration: (String) -> String = { $0 },
    weights: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> String {
    let folder = try TemporaryFolder()
    let source = fixture("tasks/\(name)")
    let text = try String(contentsOf: source.appendingPathComponent("config.json"), encoding: .utf8)
    try Data(configuration(text).utf8).write(to: URL(fileURLWithPath: folder.file("config.json")))
    var tensors = try Checkpoint.load(source.path).tensors()
    weights(&tensors)
    _ = try Checkpoint.save(tensors.map { (key: $0.key, value: $0.value) }, to: folder.path)
    let error = #expect(throws: ModelError.self) {
      try AutoModelForSequenceClassification.fromPretrained(folder.path)
    }
    let description = error?.description ?? ""
    #expect(description.hasPrefix(folder.path))
    return description
  }

  @Test("A configuration's fields")
  func fields() throws {
    func changed(_ old: String, _ new: String) throws -> String {
      try message { text in
        let result = text.replacingOccurrences(of: old, with: new)
        #expect(result != text)
        return result
      }
    }
    #expect(try changed(#""0": "negative""#, #""7": "negative""#).contains("'id2label.7' must be"))
    #expect(try changed(#""hidden_act": "gelu""#, #""hidden_act": "sine""#).contains("'hidden_act' is 'sine'"))
    #expect(try changed(#""num_attention_heads": 2"#, #""num_attention_heads": 3"#).contains("'num_attention_heads'"))
    #expect(
      try changed(#""made_for": "tests""#, #""problem_type": "guessing""#).contains("'problem_type' is 'guessing'"))
    #expect(
      try changed(#""classifier_dropout": null"#, #""classifier_dropout": 2"#).contains("'classifier_dropout' must be"))
    #expect(try changed(#""vocab_size": 24"#, #""vocab_size": 25"#).contains("has shape [24, 8]"))
    #expect(try changed(#""num_hidden_layers": 2"#, #""num_hidden_layers": 1"#).contains("bert.encoder.layer.1."))
    #expect(try changed(#""model_type": "bert""#, #""model_type": "t5""#).contains("supported: bert, roberta"))
  }

  @Test("A checkpoint's weights")
  func weights() throws {
    let key = "bert.encoder.layer.0.output.dense.weight"
    #expect(try message(weights: { $0[key] = nil }).hasSuffix("the checkpoint has no weight '\(key)'"))
    #expect(try message(weights: { $0["classifier.bias"] = Tensor([1.0]) }).contains("'classifier.bias' has shape [1]"))
  }

  @Test("A file where a folder is expected")
  func file() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(fileURLWithPath: folder.file("weights.bin")))
    let error = #expect(throws: ModelError.self) { try AutoModel.fromPretrained(folder.file("weights.bin")) }
    #expect(error?.description.contains("it is a file; give the folder") == true)
  }

  @Test("Names that are no folder and no id")
  func sources() throws {
    for name in ["", "/nowhere", "a/b/c", "../x", "org/--x", "nobody/has this"] {
      let error = #expect(throws: ModelError.self) { try AutoModel.fromPretrained(name) }
      #expect(error?.description.contains("no such model") == true)
    }
  }

  @Test("An id is found in Hugging Face's cache, wherever the environment puts it")
  func cache() throws {
    let home = try TemporaryFolder()
    let commit = String(repeating: "0123456789", count: 4)
    func put(_ cache: String) throws -> String {
      let model = home.file("\(cache)/models--nobody--tiny.model")
      let snapshot = model + "/snapshots/\(commit)"
      for folder in [model + "/refs", snapshot] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      try Data("\(commit)\n".utf8).write(to: URL(fileURLWithPath: model + "/refs/main"))
      for name in ["config.json", "model.safetensors"] {
        try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(snapshot)/\(name)"))
      }
      return snapshot
    }
    let places = [
      (["HF_HUB_CACHE": home.file("a")], "a"), (["HF_HOME": home.file("b")], "b/hub"),
      (["XDG_CACHE_HOME": home.file("c")], "c/huggingface/hub"),
      (["HOME": home.file("d"), "HF_HOME": ""], "d/.cache/huggingface/hub"),
    ]
    for (place, cache) in places {
      let environment = place.merging(["HF_HUB_OFFLINE": "1"]) { $1 }
      let source = ModelSource("nobody/tiny.model")
      #expect(throws: ModelError.self) { try source.folder(environment: environment) }
      let snapshot = try put(cache)
      #expect(try source.folder(environment: environment).path == snapshot)
      let pinned = ModelSource("nobody/tiny.model", revision: commit)
      #expect(try pinned.folder(environment: environment).path == snapshot)
      for revision in ["other", "../refs/main", "", "/"] {
        let missing = ModelSource("nobody/tiny.model", revision: revision)
        #expect(throws: ModelError.self, "\(revision)") { try missing.folder(environment: environment) }
      }
    }
  }

  @Test("A head that a family lacks")
  func heads() throws {
    let encoder = try AutoModel.fromPretrained(fixture("distilbert"))
    let error = #expect(throws: ModelError.self) { try AutoModelForCausalLM.attached(to: encoder) }
    #expect(error?.description.contains("'model_type' is 'distilbert'") == true)
  }

  @Test("An encoder continues no text, and a decoder has no cross attention")
  func decoders() throws {
    let encoder = try AutoModel.fromPretrained(fixture("tasks/bert-masked"))
    for refused in [
      #expect(throws: ModelError.self, performing: { try AutoModelForCausalLM.attached(to: encoder) }),
      #expect(throws: ModelError.self, performing: { try AutoModelForCausalLM.fromPretrained(fixture("roberta")) }),
      #expect(throws: ModelError.self, performing: { try BertForCausalLM.load(contentsOf: fixture("bert")) }),
      #expect(throws: ModelError.self, performing: { try AutoModelForCausalLM.fromConfiguration(fixture("bert")) }),
    ] {
      #expect(refused?.description.contains("config.json: 'is_decoder' is 'false'; supported: true") == true)
    }
    let folder = try TemporaryFolder()
    let url = URL(fileURLWithPath: folder.path, isDirectory: true)
    var text = try String(
      contentsOf: fixture("tasks/bert-causal").appendingPathComponent("config.json"), encoding: .utf8)
    text = text.replacingOccurrences(of: "\"add_cross_attention\": false", with: "\"add_cross_attention\": true")
    try text.write(to: url.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    let error = #expect(throws: ModelError.self) { try AutoModelForCausalLM.fromConfiguration(url) }
    #expect(error?.description.contains("'add_cross_attention' is 'true'") == true)
  }
}
