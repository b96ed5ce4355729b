// A step through encoder layers of different widths within budgets of memory: measured, it stays below each, and its
// gradients are the same bits. A process of its own, since the allocator counts for all of one.
import DeepSeek

let layers = RandomGenerator.withSeed(1) {
  [1024, 512, 2048, 256, 1024, 512].map { TransformerEncoderLayer(128, headCount: 4, feedForward: $0) }
}
let model = TransformerEncoder(layers)
let blocks = layers.map { layer in { @Sendable (x: Tensor) in layer(x) } }
let input = RandomGenerator.withSeed(2) { Tensor.randomNormal([8, 64, 128]) }

/// The most bytes that a step takes beyond what was there before, and its gradients.
func step(_ plan: CheckpointPlan) -> (peak: Int, gradients: [[Float]]) {
  model.zeroGradients()
  let start = Memory.statistics.inUse
  Memory.resetPeak()
  let output = RandomGenerator.withSeed(3) { plan(input, through: blocks) }
  output.backward(gradient: Tensor.ones(like: output))
  let peak = Memory.statistics.peak - start
  return (peak, model.parameters().map { $0.gradient!.array(of: Float.self) })
}

let whole = try CheckpointPlan.fitting(.max, blocks: blocks, input: input)
let free = step(whole)
print("kept: peak \(free.peak), predicted \(whole.predictedPeak)")
for share in [95, 85, 75] {
  let budget = free.peak * share / 100
  let plan = try CheckpointPlan.fitting(budget, blocks: blocks, input: input)
  let measured = step(plan)
  print("\(share) %: budget \(budget), peak \(measured.peak), predicted \(plan.predictedPeak), \(plan.isCheckpointed)")
  if measured.peak > budget { fatalError("the step took \(measured.peak) bytes of \(budget)") }
  if measured.gradients != free.gradients { fatalError("the gradients differ") }
  if !plan.isCheckpointed.contains(true) { fatalError("nothing is computed again") }
}
do {
  _ = try CheckpointPlan.fitting(1 << 20, blocks: blocks, input: input)
  fatalError("a budget of 1 MiB was accepted")
} catch {
  print(error)
}
