import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Small weights are moved several at a time")
struct SmallWeightsTests {
  private static let rules: [any WeightDecaying] = [
    AdamW(learningRate: 1e-2), SGD(learningRate: 1e-2, momentum: 0.9), LAMB(learningRate: 1e-2),
    Lion(learningRate: 1e-3),
    Adafactor(learningRate: 1e-2),
  ]

  @Test("to the same bits as each by itself", arguments: rules.indices)
  func bits(_ index: Int) {
    let rule = SmallWeightsTests.rules[index]
    func weights() -> [Parameter] {
      RandomGenerator.withSeed(6) { (1...40).map { Parameter(Initializer.normal()([$0 * 7, 3], dtype: .float32)) } }
    }
    let (together, alone) = (weights(), weights())
    let one = Optimizer(together, rule)
    let many = alone.map { Optimizer([$0], rule) }
    for _ in 0..<3 {
      for weight in together + alone { weight.gradient = weight.value * 0.5 }
      one.step()
      for optimizer in many { optimizer.step() }
    }
    for (left, right) in zip(together, alone) { #expect(sameBits(left.value, right.value)) }
  }
}
