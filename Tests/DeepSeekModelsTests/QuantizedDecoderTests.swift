import DeepSeekCheckpoints
import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@Suite("Decoders in few bits")
struct QuantizedDecoderTests {
  /// GPT-2's weights stand the other way, and its output layer is its table, as is Qwen2's; Llama's is one of its own.
  private static let names = ["gpt2", "llama", "qwen2"]

  /// A way, and between which cosines its logits lie with full precision's: no nearer than few bits can come, no farther than
  /// they need to.
  private struct Way {
    var config: QuantizationConfig
    var cosine: ClosedRange<Double>
  }

  private static var ways: [String: Way] {
    var tables = QuantizationConfig.int8Weights
    tables.embeddingBits = 8
    let four = QuantizationConfig(weightBits: 4, activationBits: nil)
    var gptq = four
    gptq.method = .gptq()
    var awq = four
    awq.method = .awq
    var smooth = QuantizationConfig()
    smooth.activation = .static
    smooth.smoothing = 0.5
    return [
      "int8": Way(config: .int8Weights, cosine: 0.9995...0.9999999),
      "int8 with tables": Way(config: tables, cosine: 0.999...0.9999999),
      "int8 by int8": Way(config: QuantizationConfig(), cosine: 0.998...0.999999),
      "int8 by int8, static, smoothed": Way(config: smooth, cosine: 0.99...0.999999),
      "int4": Way(config: four, cosine: 0.9...0.9999), "int4 by GPTQ": Way(config: gptq, cosine: 0.9...0.9999),
      "int4 by AWQ": Way(config: awq, cosine: 0.9...0.9999),
    ]
  }

  private func cosine(_ a: Tensor, _ b: Tensor) -> Double {
    let product = (a * b).sum().item(as: Double.self)
    return product / (a.sumSquares().item(as: Double.self) * b.sumSquares().item(as: Double.self)).squareRoot()
  }

  private func texts(_ seed: UInt64) -> Tensor {
    RandomGenerator.withSeed(seed) { Tensor.randomIntegers([8, 12], 3..<48) }
  }

  @Test("logits stay close, at once, compiled, and read back", arguments: names, ways.keys.sorted())
  func logits(name: String, way: String) throws {
    let fixture = try DecoderFixture(name)
    let (model, way) = (fixture.model, QuantizedDecoderTests.ways[way]!)
    let (ids, calibration) = (texts(1), texts(2))
    let expected = noGradient { model(ids) }
    let report = try model.quantize(way.config) { _ = model(calibration) }
    let found = noGradient { model(ids) }
    let cosine = cosine(found, expected)
    #expect(way.cosine.contains(cosine), "\(cosine)")
    #expect(report.layers.allSatisfy { ($0.signalToNoise ?? .infinity) > 8 }, "\(report)")
    #expect(report.byteCountAfter == model.savedByteCount && report.byteCountAfter < report.byteCountBefore)

    let folder = try TemporaryFolder()
    try model.save(to: folder.file("small"))
    let read = try AutoModelForCausalLM.fromPretrained(folder.file("small"))
    #expect(read.isQuantized && sameBits(noGradient { read(ids) }, found))
    #expect(folder.names == ["small"])
    let program = try read.compiled(hasMask: false)
    #expect(largestDifference(try program.run(["input_ids": ids])["output"]!, found) < 1e-4)
  }

  @Test("weights that stand the other way are kept by outputs, and every product of a layer is quantized")
  func layout() throws {
    let model = try DecoderFixture("gpt2").model
    let report = try model.quantize(.int8Weights)
    #expect(report.layers.count == 8 && report.layers[0].name == "transformer.h.0.attn.c_attn")
    #expect(
      Set(report.leftOut.map(\.name)) == ["transformer.wte", "transformer.wpe", "lm_head"], "\(report.leftOut)")
    let state = model.stateDictionary()
    #expect(state["transformer.h.0.mlp.c_fc.weight"]?.spec == TensorSpec(.int8, [20, 16]))
    #expect(state["transformer.h.0.mlp.c_fc.weight_scale"]?.shape == [20])
  }

  @Test("a table and the output layer that it is are quantized together, and saved once", arguments: ["gpt2", "qwen2"])
  func tied(name: String) throws {
    let model = try DecoderFixture(name).model
    var config = QuantizationConfig.int8Weights
    config.embeddingBits = 8
    let report = try model.quantize(config)
    let table = name == "gpt2" ? "transformer.wte" : "model.embed_tokens"
    #expect(report.layers.contains { $0.name == table } && !report.layers.contains { $0.name == "lm_head" })
    #expect(report.leftOut.isEmpty, "\(report.leftOut)")
    let folder = try TemporaryFolder()
    try model.save(to: folder.file("small"))
    let saved = try Checkpoint.load(folder.file("small"))
    #expect(try saved.tensor(table + ".weight").dtype == .int8)
    #expect(!saved.names.contains { $0.hasPrefix("lm_head") })
    // The bare model opens from the same folder.
    let bare = try AutoModel.fromPretrained(folder.file("small"))
    let ids = texts(1)
    let states = noGradient { model.hiddenStates(ids, attentionMask: nil, positions: nil, cache: nil) }
    #expect(sameBits(noGradient { bare(ids) }, states))
    // An output layer that is to stay keeps its table as it is.
    let other = try DecoderFixture(name).model
    config.ignored = ["lm_head"]
    let kept = try other.quantize(config)
    #expect(kept.leftOut.contains { $0.name == table && $0.reason.contains("'lm_head', which is ignored") })
  }

  @Test("the likeliest tokens from 8-bit weights are full precision's, and what is read back generates the same")
  func generation() throws {
    for name in QuantizedDecoderTests.names {
      let fixture = try DecoderFixture(name)
      let ids = texts(3)
      let prompts = fixture.rows(ids).map { Array($0.prefix(5)) }
      func tokens(_ model: any CausalLanguageModel) throws -> [[Int]] {
        var options = GenerationOptions()
        options.maximumNewTokens = 10
        options.endTokenIDs = []
        let generator = try TokenGenerator(model, prompts: prompts, options: options)
        var rows = prompts.map { _ in [Int]() }
        while case let steps = generator.next(), !steps.isEmpty {
          for step in steps { rows[step.prompt].append(step.token) }
        }
        return rows
      }
      func likeliest(_ model: any CausalLanguageModel) -> [Int] {
        noGradient { model(ids).argmax(axis: -1) }.array(of: Int.self)
      }
      let expected = (tokens: try tokens(fixture.model), likeliest: likeliest(fixture.model))
      try fixture.model.quantize(.int8Weights)
      // A text goes its own way from the first place at which two tokens are as good as alike: few do.
      let found = try tokens(fixture.model)
      let same = zip(found.joined(), expected.tokens.joined()).count { $0 == $1 }
      #expect(same >= 48, "\(name): \(same) of 80 tokens are the same")
      let alike = zip(likeliest(fixture.model), expected.likeliest).count { $0 == $1 }
      #expect(alike >= 92, "\(name): \(alike) of 96 likeliest tokens are the same")
      let folder = try TemporaryFolder()
      try fixture.model.save(to: folder.file("small"))
      #expect(try tokens(AutoModelForCausalLM.fromPretrained(folder.file("small"))) == found)
      #expect(FileManager.default.fileExists(atPath: folder.file("small/generation_config.json")))
    }
  }

  @Test("training for few bits takes weights that stand the other way")
  func training() throws {
    let model = try DecoderFixture("gpt2").model
    let aware = try QuantizationAwareTraining(model, .int8Weights)
    let ids = texts(4)
    let learned = noGradient { model(ids) }
    model.loss(model(ids), labels: ids).backward()
    #expect(model.namedParameters().first { $0.name.hasSuffix("c_attn.weight") }?.parameter.gradient != nil)
    #expect(aware.finish().layers.count == 8)
    #expect(cosine(noGradient { model(ids) }, learned) > 0.9999)
  }
}
