import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Pruning")
struct PruningTests {
  @Test("the ramp is cubic, from its first step to its last")
  func schedule() {
    let schedule = PruningSchedule(initial: 0.1, final: 0.9, start: 10, end: 110, interval: 20)
    #expect(schedule.sparsity(at: 0) == 0.1 && schedule.sparsity(at: 110) == 0.9 && schedule.sparsity(at: 500) == 0.9)
    #expect(abs(schedule.sparsity(at: 60) - (0.9 - 0.8 * 0.125)) < 1e-12)
    #expect((0...120).filter(schedule.changes) == [10, 30, 50, 70, 90, 110])
  }

  @Test(
    "digits are read with nine of ten weights gone, and what went stays zero",
    arguments: [
      WeightPruning.Criterion.magnitude, .movement,
    ])
  func digits(_ criterion: WeightPruning.Criterion) throws {
    let digits = try Digits()
    let model = RandomGenerator.withSeed(1) { DigitReader() }
    digits.train(model, steps: 150, learningRate: 5e-3)
    let full = digits.accuracy(model)
    let pruning = WeightPruning(model, pattern: .global, criterion: criterion, where: { $0 == "first" })
    let schedule = PruningSchedule(final: 0.9, start: 20, end: 120, interval: 20)
    digits.train(model, steps: 200, learningRate: 5e-3) { step in
      if schedule.changes(at: step) { pruning.prune(to: schedule.sparsity(at: step)) }
    }
    #expect(abs(pruning.sparsity - 0.9) < 0.01, "\(pruning.sparsity)")
    let masked = digits.logits(model)
    pruning.finish()
    #expect(sameBits(masked, digits.logits(model)))
    let zeros = model.first.weight.value.equal(to: 0).cast(to: .float32).mean().item(as: Double.self)
    #expect(abs(zeros - 0.9) < 0.01, "\(zeros)")
    #expect(digits.accuracy(model) > full - 0.03, "\(digits.accuracy(model)) against \(full)")
    #expect(model.first.weight.transform == nil)
  }

  @Test("two of four neighbours stay, the larger ones")
  func twoOfFour() {
    let layer = Linear(weight: Parameter(Tensor([[1.0, -3.0, 2.0, 0.5, 0.0, 0.0, 0.0, 0.0]])))
    let pruning = WeightPruning(layer, pattern: .twoOfFour)
    pruning.prune(to: 0.5)
    #expect(pruning.sparsity == 0.5)
    pruning.finish()
    #expect(layer.weight.value.array(of: Float.self) == [0, -3, 2, 0, 0, 0, 0, 0])
  }

  static func encoder(_ seed: UInt64 = 3) -> BertModel {
    var configuration = BertConfiguration()
    configuration.vocabularySize = 40
    configuration.hiddenSize = 64
    configuration.layerCount = 2
    configuration.headCount = 4
    configuration.intermediateSize = 128
    configuration.maximumPositions = 24
    configuration.initializerRange = 0.2
    let model = RandomGenerator.withSeed(seed) { BertModel(configuration) }
    model.eval()
    return model
  }

  @Test("heads and neurons that do nothing go first, and the tensors shrink without a change of the output")
  func structured() throws {
    let model = PruningTests.encoder()
    let ids = Tensor([[1, 2, 3, 4], [5, 6, 7, 8]])
    let blocks = model.prunableBlocks.map(\.block)
    for block in blocks {
      // The second and fourth head, and the odd half of the neurons, reach nothing.
      let heads = Tensor([64], (0..<64).map { Float($0 / 16 % 2 == 0 ? 1 : 0) })
      block.attentionOutput.weight.value = block.attentionOutput.weight.value * heads
      let neurons = Tensor([128], (0..<128).map { Float($0 % 2 == 0 ? 1 : 0) })
      block.contraction.weight.value = block.contraction.weight.value * neurons
    }
    let expected = noGradient { model(ids) }
    let bytes = model.savedByteCount
    let pruning = try StructuredPruning(model)
    pruning.observe(loss: model(ids).square().mean())
    pruning.prune(keepingHeads: 0.5, keepingNeurons: 0.5)
    #expect(blocks.map(\.headCount) == [2, 2] && blocks.map(\.neuronCount) == [64, 64])
    #expect(blocks[0].query.weight.spec.shape == [32, 64] && blocks[0].contraction.weight.spec.shape == [64, 64])
    #expect(largestDifference(noGradient { model(ids) }, expected) < 1e-5)
    #expect(model.savedByteCount < bytes * 3 / 4)
    let folder = try TemporaryFolder()
    try model.save(to: folder.file("small"))
    let read = try BertModel.fromPretrained(folder.file("small"))
    #expect(sameBits(noGradient { read(ids) }, noGradient { model(ids) }))
    let fast = try model.compiled(hasMask: false)
    #expect(largestDifference(try fast.run(["input_ids": ids])["output"]!, expected) < 1e-4)
  }
}
