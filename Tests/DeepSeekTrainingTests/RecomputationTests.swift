import DeepSeekData
import DeepSeekDynamic
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import TestSupport
import Testing

@Suite("Blocks are computed again as far as a budget of memory asks for", .serialized)
struct RecomputationTests {
  private static func llama() -> LlamaForCausalLM {
    var configuration = LlamaConfiguration()
    configuration.vocabularySize = 32
    configuration.hiddenSize = 32
    configuration.intermediateSize = 64
    configuration.layerCount = 4
    configuration.headCount = 4
    configuration.keyHeadCount = 2
    configuration.headWidth = 8
    return RandomGenerator.withSeed(1) { LlamaForCausalLM(configuration) }
  }

  private static func gpt2() -> GPT2ForCausalLM {
    var configuration = GPT2Configuration()
    configuration.vocabularySize = 32
    configuration.hiddenSize = 32
    configuration.intermediateSize = 64
    configuration.layerCount = 4
    configuration.headCount = 4
    return RandomGenerator.withSeed(1) { GPT2ForCausalLM(configuration) }
  }

  private static func bert() -> BertModel {
    var configuration = BertConfiguration()
    configuration.vocabularySize = 32
    configuration.hiddenSize = 32
    configuration.intermediateSize = 64
    configuration.layerCount = 4
    configuration.headCount = 4
    return RandomGenerator.withSeed(1) { BertModel(configuration) }
  }

  private static func ids(_ length: Int, _ seed: UInt64 = 3) -> Tensor {
    Tensor.randomIntegers([4, length], 3..<32, key: RandomGenerator.key(seed: seed, stream: 1))
  }

  @Test("dropout and all, every gradient has the same bits as without", arguments: ["bert", "gpt2", "llama"])
  func sameBitsOfGradients(name: String) throws {
    let model: any TextModel
    switch name {
    case "bert": model = RecomputationTests.bert()
    case "gpt2": model = RecomputationTests.gpt2()
    default: model = RecomputationTests.llama()
    }
    model.train()
    let ids = RecomputationTests.ids(12)
    func gradients() throws -> [Tensor] {
      model.zeroGradients()
      RandomGenerator.withSeed(5) { model(ids).square().mean() }.backward()
      return try model.parameters().filter { $0.gradient != nil }.map { try #require($0.gradient) }
    }
    let plain = try gradients()
    var stacks: [BlockRecomputation] = []
    model.forEachModule { if let module = $0 as? any BlockwiseModule { stacks.append(module.recomputation) } }
    #expect(stacks.count == 1)
    for choice in [[true, true, true, true], [false, true, false, true]] {
      stacks[0].isCheckpointed = choice
      let again = try gradients()
      #expect(again.count == plain.count && zip(again, plain).allSatisfy { sameBits($0, $1) }, "\(choice)")
    }
  }

  @Test("A Transformer's encoder or decoder, with an encoder beside a decoder too", arguments: [true, false])
  func transformer(normalizesFirst: Bool) throws {
    for structure in Transformer.Configuration.Structure.allCases {
      var configuration = Transformer.Configuration(structure, vocabularySize: 32)
      configuration.width = 32
      configuration.headCount = 4
      configuration.feedForward = 64
      configuration.layerCount = 3
      configuration.normalizesFirst = normalizesFirst
      let model = RandomGenerator.withSeed(1) { Transformer(configuration) }
      model.train()
      let (ids, target) = (RecomputationTests.ids(9), RecomputationTests.ids(7, 4))
      func loss() -> Tensor {
        structure == .encoderDecoder ? model.loss(source: ids, target: target) : model.loss(ids, labels: ids)
      }
      func gradients() throws -> [Tensor] {
        model.zeroGradients()
        RandomGenerator.withSeed(5) { loss() }.backward()
        return try model.parameters().map { try #require($0.gradient) }
      }
      let plain = try gradients()
      let stack = try #require(model.encoder ?? model.decoderOnly).recomputation
      for choice in [[true, true, true], [false, true, false]] {
        stack.isCheckpointed = choice
        let again = try gradients()
        #expect(
          again.count == plain.count && zip(again, plain).allSatisfy { sameBits($0, $1) }, "\(structure), \(choice)")
      }
      #expect(try model.planRecomputation(fitting: 1 << 40) { _ = loss() })
      #expect(!stack.isCheckpointed.contains(true))
      #expect(throws: CheckpointBudgetError.self) { try model.planRecomputation(fitting: -1) { _ = loss() } }
    }
  }

  @Test("the plan follows the budget, and what cannot be done is said")
  func plans() throws {
    let model = RecomputationTests.llama()
    model.train()
    let ids = RecomputationTests.ids(64)
    let run = { _ = model(ids) }
    #expect(try model.planRecomputation(fitting: 1 << 40, run))
    #expect(!model.decoder.recomputation.isCheckpointed.contains(true))
    // What blocks take is measured while other tests run: no smaller budget is sure but one that nothing fits.
    #expect(throws: CheckpointBudgetError.self) { try model.planRecomputation(fitting: -1, run) }
    #expect(try model.planRecomputation(fitting: 1 << 40, run))
    #expect(!model.hasOutgrownRecomputation)
    _ = model(RecomputationTests.ids(80))
    #expect(model.hasOutgrownRecomputation)
    #expect(try !SmallTask.model().planRecomputation(fitting: 1) {})
  }

  @Test("a trainer plans with its first batch, and anew after a larger one; the weights are the same bits")
  func trainer() throws {
    func train(_ budget: Int?, isCheckpointed: [Bool] = []) throws -> LlamaForCausalLM {
      let model = RecomputationTests.llama()
      model.decoder.recomputation.isCheckpointed = isCheckpointed
      let batches = Dataset([16, 16, 48, 32].enumerated().map { RecomputationTests.ids($1, UInt64($0)) })
      let trainer = Trainer(
        model, batches,
        arguments: quietArguments {
          $0.epochs = 1
          $0.activationBudget = budget
        }
      ) { ids in BatchLoss(mean: model.loss(model(ids), labels: ids), weight: ids.shape[0] * (ids.shape[1] - 1)) }
      try trainer.train()
      return model
    }
    let plain = try train(nil)
    let planned = try train(1 << 40)
    #expect(!planned.hasOutgrownRecomputation && sameWeights(plain, planned))
    #expect(sameWeights(plain, try train(nil, isCheckpointed: [true, false, true, true])))
    #expect(throws: CheckpointBudgetError.self) { try train(-1) }
    #expect(throws: TrainingError.self) {
      let model = SmallTask.model()
      try Trainer(
        model, SmallTask().batches(8), objective: SmallTask.objective(model),
        arguments: quietArguments { $0.activationBudget = 1 << 30 }
      ).train()
    }
  }
}
