import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Checkpoints chosen to fit a budget")
struct CheckpointPlanTests {
  private func cost(_ kept: Int, seconds: Double = 1) -> CheckpointPlan.Cost {
    CheckpointPlan.Cost(
      kept: .init(held: kept, forwardPeak: kept, backwardPeak: kept + 10),
      checkpointed: .init(held: 10, forwardPeak: kept, backwardPeak: kept + 20), gradients: 5, seconds: seconds)
  }

  @Test("Nothing is computed again that need not be, and what frees most for its time comes first")
  func choice() throws {
    let costs = [cost(100), cost(400), cost(100, seconds: 10), cost(100)]
    // Kept: 600 before the last block, which takes 110; the gradients of no other are there yet.
    let free = try CheckpointPlan(fitting: 710, costs: costs)
    #expect(free.isCheckpointed == [false, false, false, false])
    #expect(free.predictedPeak == 710)
    let tight = try CheckpointPlan(fitting: 709, costs: costs)
    #expect(tight.isCheckpointed == [false, true, false, false])
    // In the second block's backward run: 100 held before it, 420 of its own, the gradients of two behind.
    #expect(tight.predictedPeak == 530)
    #expect(tight.recomputedSeconds == 1)
    #expect(try CheckpointPlan(fitting: 529, costs: costs).isCheckpointed == [true, true, false, false])
    let error = #expect(throws: CheckpointBudgetError.self) { try CheckpointPlan(fitting: 439, costs: costs) }
    #expect(error?.needed == 440)
    #expect(try CheckpointPlan(fitting: 0, costs: []).isCheckpointed.isEmpty)
  }

  @Test("Every plan gives the same gradients bit for bit, dropout and all")
  func gradientsAgree() throws {
    let layers = RandomGenerator.withSeed(1) {
      (0..<3).map { TransformerEncoderLayer(16, headCount: 2, feedForward: 16 << $0) }
    }
    let model = TransformerEncoder(layers)
    let blocks = layers.map { layer in { @Sendable (x: Tensor) in layer(x) } }
    let input = RandomGenerator.withSeed(2) { Tensor.randomNormal([4, 12, 16]) }
    let before = model.parameters().map(\.value)
    let plan = try CheckpointPlan.fitting(.max, blocks: blocks, input: input)
    #expect(plan.isCheckpointed == [false, false, false])
    #expect(plan.costs.allSatisfy { $0.gradients > 0 && $0.seconds > 0 })
    for (parameter, value) in zip(model.parameters(), before) {
      #expect(parameter.gradient == nil && sameBits(parameter.value, value))
    }
    func gradients(_ plan: CheckpointPlan) -> [Tensor] {
      model.zeroGradients()
      RandomGenerator.withSeed(3) { plan(input, through: blocks).square().sum() }.backward()
      return model.parameters().map { $0.gradient! }
    }
    let expected = gradients(plan)
    // Costs by hand: what is measured while other tests run is not to be relied on.
    let costs = [cost(100), cost(400), cost(100)]
    for budget in [610, 600, 530, 500, 450] {
      guard let plan = try? CheckpointPlan(fitting: budget, costs: costs) else { continue }
      for (one, other) in zip(gradients(plan), expected) { #expect(sameBits(one, other), "\(plan.isCheckpointed)") }
    }
    #expect(try CheckpointPlan(fitting: 450, costs: costs).isCheckpointed.contains(true))
  }
}
