import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

/// A decoder that transformers saved, and what it computes with it.
struct DecoderFixture {
  static let names = [
    "gpt2", "llama", "llama_biases", "llama_linear", "llama_dynamic", "llama3", "llama_yarn", "mistral", "qwen2",
  ]

  let folder: URL
  let model: any CausalLanguageModel
  let expected: Checkpoint

  init(_ name: String) throws {
    folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures/decoders/\(name)", isDirectory: true)
    model = try AutoModelForCausalLM.fromPretrained(folder)
    expected = try Checkpoint.load(folder.appendingPathComponent("expected.safetensors").path)
  }

  func tensor(_ name: String) throws -> Tensor { try expected.tensor(name) }
  func ids() throws -> Tensor { try tensor("ids").converted(to: .int64) }
  func rows(_ name: String) throws -> [[Int]] { rows(try tensor(name)) }

  func rows(_ tensor: Tensor) -> [[Int]] {
    let (values, width) = (tensor.array(of: Int.self), tensor.shape[1])
    return (0..<tensor.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}

/// The largest difference between two tensors, of places where the mask is not zero.
private func difference(_ a: Tensor, _ b: Tensor, where mask: Tensor? = nil) -> Double {
  guard a.shape == b.shape else { return .infinity }
  var distance = (a.detached() - b).abs()
  if let mask { distance = distance * mask.cast(to: .float32).expanded(-1) }
  let largest = distance.array(of: Double.self).max() ?? 0
  return largest.isNaN ? .infinity : largest
}

@Suite("Decoders that transformers saved")
struct DecoderTests {
  @Test("Logits, loss and gradients are those of transformers, padding and all", arguments: DecoderFixture.names)
  func agreement(name: String) throws {
    let fixture = try DecoderFixture(name)
    let ids = try fixture.ids()
    for side in ["none", "left", "right"] {
      let mask = try fixture.tensor("\(side).mask").converted(to: .int64)
      let labels = Tensor.select(mask.notEqual(to: 0), ids, Tensor.full([], -100, dtype: .int64))
      fixture.model.zeroGradients()
      let (loss, logits) = fixture.model(ids, attentionMask: side == "none" ? nil : mask, labels: labels)
      #expect(difference(logits, try fixture.tensor("\(side).logits"), where: mask) < 1e-4, "\(name) \(side)")
      #expect(difference(loss.reshaped([1]), try fixture.tensor("\(side).loss")) < 1e-4, "\(name) \(side)")
      if side == "right" { continue }
      loss.backward()
      for named in fixture.model.namedParameters() {
        let gradient = try #require(named.parameter.gradient, "\(name) \(named.name)")
        let expected = try fixture.tensor("\(side).gradient.\(named.name)")
        #expect(difference(gradient, expected) < 1e-4, "\(name) \(side) \(named.name)")
      }
    }
  }

  @Test("A graph with open lengths computes the same", arguments: DecoderFixture.names)
  func captured(name: String) throws {
    let model = try DecoderFixture(name).model
    let spec = TensorSpec(.int64, Shape([Dimension.symbol("batch"), Dimension.symbol("sequence")]))
    let graph = try noGradient {
      try capture([spec, spec]) { [model($0[0], attentionMask: $0[1], typeIDs: nil)] }
    }
    let executor = try CPUExecutor(graph.optimized())
    for (batch, length) in [(1, 3), (2, 6)] {
      let ids = RandomGenerator.withSeed(UInt64(length)) { Tensor.randomIntegers([batch, length], 3..<48) }
      let mask = Tensor.ones(like: ids).contiguous()
      let eager = noGradient { model(ids, attentionMask: mask, typeIDs: nil) }
      #expect(difference(try executor(ids, mask)[0], eager) < 1e-5)
    }
  }

  @Test("A compiled decoder attends by one operator a layer, and computes the same", arguments: DecoderFixture.names)
  func compiled(name: String) throws {
    let fixture = try DecoderFixture(name)
    let ids = try fixture.ids()
    // Angles that depend on the length need a known one.
    let program = try fixture.model.compiled(sequence: name == "llama_dynamic" ? ids.shape[1] : nil)
    for side in ["none", "left", "right"] {
      let mask = try fixture.tensor("\(side).mask").converted(to: .int64)
      let logits = try program.run(["input_ids": ids, "attention_mask": mask])["output"]!
      let eager = noGradient { fixture.model(ids, attentionMask: mask, typeIDs: nil) }
      #expect(difference(logits, eager, where: mask) < 1e-5, "\(name) \(side)")
    }
    let steps = try program.explain([ids, fixture.tensor("left.mask").converted(to: .int64)], runs: 1).steps
    #expect(steps.count { $0.label == "attention" } == fixture.model.layerCount)
    #expect(!steps.contains { $0.label.contains("softmax") })
    let causal = program.graph.nodes.compactMap { $0.operation as? AttentionOperator }
    #expect(causal.count { $0.isCausal } == fixture.model.layerCount)
  }

  @Test("A compiled model copies nothing to lay it out otherwise", arguments: ["gpt2", "llama", "bert"])
  func copies(name: String) throws {
    let model: any TextModel
    if name == "bert" {
      model = try AutoModel.fromPretrained(fixture(name))
    } else {
      model = try DecoderFixture(name).model
    }
    let ids = RandomGenerator.withSeed(3) { Tensor.randomIntegers([2, 5], 3..<40) }
    for freezes in [true, false] {
      let program = try model.compiled(hasMask: false, options: CompileOptions(freezesWeights: freezes))
      let products = ["linear", "packed_linear"]
      let copies = try CPUExecutor(program.graph).profile([ids]).steps.filter { step in
        ["reshape", "transpose"].contains(step.label) || products.contains(step.label) && step.areInputsStrided[0]
      }
      #expect(copies.isEmpty, "\(copies.map(\.label))")
      #expect(!program.graph.nodes.contains { $0.operation is MatmulOperator })
      let eager = noGradient { model(ids) }
      #expect(difference(try program.run([ids])[0], eager) < 1e-5)
    }
  }

  @Test(
    "Saved and opened again, a decoder is the same; a tied output layer is saved once", arguments: DecoderFixture.names)
  func saving(name: String) throws {
    let fixture = try DecoderFixture(name)
    let folder = try TemporaryFolder()
    try fixture.model.save(to: folder.file("copy"))
    let copy = try AutoModelForCausalLM.fromPretrained(folder.file("copy"))
    let ids = try fixture.ids()
    #expect(noGradient { difference(copy(ids), fixture.model(ids)) } == 0)
    let saved = try Checkpoint.load(folder.file("copy")).names
    #expect(
      Set(saved) == Set(try Checkpoint.load(fixture.folder.appendingPathComponent("model.safetensors").path).names))
  }

  @Test("A bare decoder's checkpoint opens as AutoModel, and as a part of the language model's")
  func bare() throws {
    let fixture = try DecoderFixture("llama_biases")
    let bare = try AutoModel.fromPretrained(fixture.folder)
    let folder = try TemporaryFolder()
    try bare.save(to: folder.file("bare"))
    let model = try AutoModelForCausalLM.fromPretrained(folder.file("bare"))
    let ids = try fixture.ids()
    #expect(noGradient { difference(model(ids), fixture.model(ids)) } == 0)
  }

  @Test("A configuration that does not fit is refused by its field")
  func refusals() throws {
    let fixture = try DecoderFixture("mistral")
    let text = String(
      decoding: try Data(contentsOf: fixture.folder.appendingPathComponent("config.json")), as: UTF8.self)
    let folder = try TemporaryFolder()
    func message(_ old: String, _ new: String) throws -> String {
      #expect(text.contains(old))
      try Data(text.replacingOccurrences(of: old, with: new).utf8).write(
        to: URL(fileURLWithPath: folder.file("config.json")))
      do {
        _ = try AutoConfig.fromPretrained(folder.path)
        return ""
      } catch { return "\(error)" }
    }
    #expect(try message(#""num_key_value_heads": 2"#, #""num_key_value_heads": 3"#).contains("num_key_value_heads"))
    #expect(try message(#""sliding_window": 4"#, #""sliding_window": 0"#).contains("sliding_window"))
    #expect(try message(#""rope_type": "default""#, #""rope_type": "longrope""#).contains("rope_type"))
    #expect(try message(#""head_dim": 4"#, #""head_dim": 5"#).contains("head_dim"))
    #expect(try message(#""hidden_act": "silu""#, #""hidden_act": "quick""#).contains("hidden_act"))
    #expect(try message(#""bos_token_id": 1"#, #""bos_token_id": -1"#).contains("bos_token_id"))
    #expect(try message("{", "{").isEmpty)
  }
}
