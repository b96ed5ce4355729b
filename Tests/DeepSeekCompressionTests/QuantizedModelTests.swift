import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A small network whose inputs are uneven: some channels are forty times as strong as others.
final class SmallNetwork: Module {
  let first = Linear(64, 96)
  let second = Linear(96, 32)
  let odd = Linear(32, 7)

  func callAsFunction(_ x: Tensor) -> Tensor { odd(second(first(x, activation: .gelu), activation: .relu)) }

  static func make() -> SmallNetwork { RandomGenerator.withSeed(1) { SmallNetwork() } }

  static func inputs(_ seed: UInt64, count: Int = 128) -> Tensor {
    let mixing = RandomGenerator.withSeed(99) { Tensor.randomNormal([64, 64]) * 0.3 + Tensor.eye(64) }
    let strength = Tensor([64], (0..<64).map { Float($0 % 16 == 0 ? 40 : 1) })
    return RandomGenerator.withSeed(seed) { Tensor.randomNormal([count, 64]) }.matmul(mixing) * strength
  }
}

func cosine(_ a: Tensor, _ b: Tensor) -> Double {
  let product = (a * b).sum().item(as: Double.self)
  return product / (a.sumSquares().item(as: Double.self) * b.sumSquares().item(as: Double.self)).squareRoot()
}

@Suite("Quantized models")
struct QuantizedModelTests {
  /// Every way, with the least cosine that its outputs keep.
  static var ways: [(config: QuantizationConfig, cosine: Double)] {
    var fixed = QuantizationConfig()
    fixed.activation = .static
    var smooth = fixed
    smooth.smoothing = 0.5
    smooth.calibration = .squaredError
    var narrow = smooth
    narrow.activationBits = 7
    narrow.activationScheme = .symmetric
    var asymmetric = QuantizationConfig(scheme: .asymmetric)
    asymmetric.granularity = .tensor
    var gptq = QuantizationConfig.int4Weights(group: 32)
    gptq.method = .gptq()
    var awq = gptq
    awq.method = .awq
    return [
      (QuantizationConfig(), 0.999), (fixed, 0.99), (smooth, 0.995), (QuantizationConfig(activationBits: 7), 0.998),
      (narrow, 0.97), (asymmetric, 0.995), (.int8Weights, 0.9999),
      (.int4Weights(group: 32), 0.98), (gptq, 0.98), (awq, 0.98),
    ]
  }

  @Test("outputs stay close to full precision's, at once and compiled, whichever way", arguments: ways.indices)
  func outputs(_ index: Int) throws {
    let (config, least) = QuantizedModelTests.ways[index]
    let model = SmallNetwork.make()
    let x = SmallNetwork.inputs(2)
    let expected = noGradient { model(x) }
    let calibration = SmallNetwork.inputs(3)
    let report = try model.quantize(config) { _ = model(calibration) }
    let output = noGradient { model(x) }
    #expect(cosine(output, expected) > least, "\(config): \(cosine(output, expected))")
    #expect(report.layers.map(\.name) == ["first", "second", "odd"])
    #expect(report.layers.allSatisfy { ($0.signalToNoise ?? .infinity) > 10 })
    #expect(report.byteCountAfter == model.savedByteCount && report.byteCountAfter < report.byteCountBefore / 2)
    #expect(model.isQuantized)
    let program = try Program([("x", TensorSpec(.float32, Shape([.symbol("batch"), 64])))]) { [("y", model($0["x"]!))] }
    #expect(largestDifference(try program(x)[0], output) < 1e-4)
    let state = model.stateDictionary()
    #expect(state["first.weight"]?.dtype == (config.weightBits == 8 ? .int8 : .uint8))
    #expect(state["first.weight_scale"] != nil)
  }

  @Test("what is gained by looking at inputs: GPTQ and AWQ beat rounding")
  func gains() throws {
    func error(_ config: QuantizationConfig) throws -> Double {
      let model = SmallNetwork.make()
      let x = SmallNetwork.inputs(2)
      let expected = noGradient { model.first(x) }
      let calibration = SmallNetwork.inputs(3, count: 512)
      try model.quantize(config) { _ = model(calibration) }
      return (noGradient { model.first(x) } - expected).sumSquares().item(as: Double.self)
    }
    let rounded = try error(.int4Weights(group: 32))
    var gptq = QuantizationConfig.int4Weights(group: 32)
    gptq.method = .gptq()
    var awq = gptq
    awq.method = .awq
    #expect(try error(gptq) < rounded * 0.9)
    #expect(try error(awq) < rounded * 0.9)
  }

  @Test("SmoothQuant more than halves the error where no input lies beyond what was calibrated")
  func smoothing() throws {
    func error(_ config: QuantizationConfig) throws -> Double {
      let model = SmallNetwork.make()
      let x = SmallNetwork.inputs(3, count: 512)
      let expected = noGradient { model.first(x) }
      try model.quantize(config) { _ = model(x) }
      return (noGradient { model.first(x) } - expected).sumSquares().item(as: Double.self)
    }
    var fixed = QuantizationConfig()
    fixed.activation = .static
    var smooth = fixed
    smooth.smoothing = 0.5
    #expect(try error(smooth) < error(fixed) / 2)
  }

  @Test("layers are left out for a reason, and without examples nothing changes")
  func leftOut() throws {
    let model = SmallNetwork.make()
    var config = QuantizationConfig.int4Weights(group: 64)
    config.ignored = ["odd"]
    let report = try model.quantize(config)
    #expect(report.layers.map(\.name) == ["first"])
    #expect(report.leftOut.map(\.name) == ["second", "odd"])
    #expect(report.leftOut[0].reason.contains("groups of 64 do not divide its 96 inputs"))
    #expect(report.leftOut[1].reason == "ignored")
    #expect(throws: QuantizationError.quantized(layer: "first")) { try model.quantize(config) }
    let other = SmallNetwork.make()
    let before = other.stateDictionary()
    config.method = .gptq()
    #expect(throws: QuantizationError.self) { try other.quantize(config) }
    struct Failure: Error {}
    #expect(throws: Failure.self) { try other.quantize(config) { throw Failure() } }
    #expect(!other.isQuantized && before.allSatisfy { sameBits(other.stateDictionary()[$0.key]!, $0.value) })
  }

  @Test("layers that suffer most stay as they are until the budget is met")
  func budget() throws {
    let model = SmallNetwork.make()
    let x = SmallNetwork.inputs(2)
    let expected = noGradient { model(x) }
    // Only the first layer's loss counts: no score is good while it is in few bits.
    let report = try model.quantize(
      .int4Weights(group: 32),
      budget: AccuracyBudget(maximumLoss: 0.001) { model.first.weight.spec.dtype == .float32 ? 1 : 0.5 }
    ) { _ = model(x) }
    #expect(model.first.weight.spec.dtype == .float32)
    #expect(report.leftOut.contains { $0.name == "first" && $0.reason.contains("sensitive") })
    #expect(report.scoreBefore == 1 && report.scoreAfter == 1)
    #expect(report.layers.count < 3 && cosine(noGradient { model(x) }, expected) > 0.97)
    let hopeless = SmallNetwork.make()
    #expect(throws: QuantizationError.self) {
      try hopeless.quantize(budget: AccuracyBudget(maximumLoss: 0) { hopeless.isQuantized ? 0 : 1 })
    }
    #expect(!hopeless.isQuantized)
  }

  @Test("tables of embeddings in few bits give the rows that they stand for", arguments: [8, 4])
  func tables(_ bits: Int) throws {
    let table = RandomGenerator.withSeed(4) { Embedding(50, 64) }
    let indices = Tensor([[3, 49], [0, 7]])
    let expected = noGradient { (table(indices), table.prefix(5), table.attend(Tensor.ones([2, 64]))) }
    var config = QuantizationConfig.int4Weights(group: 32)
    config.embeddingBits = bits
    try table.quantize(config)
    let found = noGradient { (table(indices), table.prefix(5), table.attend(Tensor.ones([2, 64]))) }
    let tolerance = bits == 8 ? 0.02 : 0.35
    #expect(largestDifference(found.0, expected.0) < tolerance)
    #expect(largestDifference(found.1, expected.1) < tolerance)
    #expect(cosine(found.2, expected.2) > (bits == 8 ? 0.999 : 0.95))
    #expect(table.weight.spec.dtype == (bits == 8 ? .int8 : .uint8))
  }

  @Test("groups in a table's rows come nearer than one scale for a row; rows that they do not divide keep one")
  func groupsInTables() throws {
    func gap(_ group: Int?, width: Int) throws -> (gap: Double, scales: Shape) {
      let table = RandomGenerator.withSeed(5) { Embedding(40, width) }
      table.weight.value[0..., 0] = Tensor(8.0)  // one large number, which costs those that share its scale
      let expected = noGradient { table(Tensor([3, 39])) }
      var config = QuantizationConfig.int8Weights
      (config.embeddingBits, config.embeddingGroupSize) = (4, group)
      let report = try table.quantize(config)
      #expect(report.layers.count == 1)
      let scales = try #require(table.stateDictionary()["weight_scale"])
      return (
        Double(largestDifference(noGradient { table(Tensor([3, 39]))[0..., 64...] }, expected[0..., 64...])),
        scales.shape
      )
    }
    let (whole, grouped) = (try gap(nil, width: 128), try gap(64, width: 128))
    #expect(whole.scales == [40] && grouped.scales == [40, 2])
    #expect(grouped.gap < whole.gap / 2)
    #expect(try gap(64, width: 96).scales == [40])
  }
}
