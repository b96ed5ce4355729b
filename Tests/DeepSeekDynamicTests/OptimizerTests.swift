import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import Synchronization
import TestSupport
import Testing

private struct OptimizerFixture: Decodable {
  let start: [StoredTensor]
  let gradients: [[StoredTensor]]
  let runs: [String: [[StoredTensor]]]
}

/// Every rule, some in several forms.
let optimizerRules: [(name: String, rule: any UpdateRule)] = [
  ("sgd", SGD(learningRate: 0.05)),
  ("sgd_momentum", SGD(learningRate: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.02)),
  ("sgd_nesterov", SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true)),
  ("adam", Adam(learningRate: 0.01, weightDecay: 0.1)),
  ("adam_amsgrad", Adam(learningRate: 0.01, betas: (0.8, 0.95), usesLargestMoment: true)),
  ("adamw", AdamW(learningRate: 0.01, weightDecay: 0.1)),
  ("rmsprop", RMSprop(learningRate: 0.01)),
  ("rmsprop_momentum", RMSprop(learningRate: 0.01, momentum: 0.7)),
  (
    "rmsprop_centered",
    RMSprop(learningRate: 0.01, smoothing: 0.9, weightDecay: 0.01, momentum: 0.7, isCentered: true)
  ),
  ("adagrad", Adagrad(learningRate: 0.1, learningRateDecay: 0.05, weightDecay: 0.01, initialSum: 0.2)),
  ("adadelta", Adadelta(learningRate: 0.5, decay: 0.8, weightDecay: 0.01)),
  ("adamax", Adamax(learningRate: 0.01, weightDecay: 0.01)),
  ("nadam", NAdam(learningRate: 0.01, weightDecay: 0.01)),
  ("radam", RAdam(learningRate: 0.01, betas: (0.9, 0.99), weightDecay: 0.01)),
  ("lion", Lion(learningRate: 1e-2, weightDecay: 0.1)),
  ("lamb", LAMB(learningRate: 1e-2)),
  ("lars", LARS(learningRate: 0.1, weightDecay: 1e-2, trust: 1e-2)),
  ("adafactor", Adafactor()),
  ("adafactor_rate", Adafactor(learningRate: 0.05, momentum: 0.9, weightDecay: 0.1)),
]

@Suite("Optimizers move weights as PyTorch and the papers do")
struct OptimizerTests {
  @Test("Eight steps follow the reference", arguments: optimizerRules.map(\.name), [DType.float64, .float32])
  func trajectory(name: String, dtype: DType) throws {
    let fixture = try fixture("optimizers", as: OptimizerFixture.self)
    let rule = try #require(optimizerRules.first { $0.name == name }).rule
    let parameters = fixture.start.map { Parameter($0.tensor.converted(to: dtype)) }
    let optimizer = Optimizer(parameters, rule)
    let path = try #require(fixture.runs[name])
    let tolerance = dtype == .float64 ? 1e-12 : 2e-6
    for (step, expected) in path.enumerated() {
      for (parameter, gradient) in zip(parameters, fixture.gradients[step]) {
        parameter.gradient = gradient.tensor.converted(to: dtype)
      }
      optimizer.step()
      for (index, parameter) in parameters.enumerated() {
        let difference = largestDifference(parameter.value, expected[index].tensor)
        #expect(difference < tolerance, "\(name) \(dtype), step \(step), weight \(index)")
      }
    }
    #expect(optimizer.stepCount == path.count)
  }

  @Test(
    "Saved after three steps and loaded elsewhere, five more give the same bits", arguments: optimizerRules.map(\.name))
  func resumes(name: String) throws {
    let fixture = try fixture("optimizers", as: OptimizerFixture.self)
    let rule = try #require(optimizerRules.first { $0.name == name }).rule
    let schedule = Schedule.linear(warmupSteps: 2, totalSteps: 10)
    func start() -> ([Parameter], Optimizer) {
      let parameters = fixture.start.map { Parameter($0.tensor.converted(to: .float32)) }
      return (parameters, Optimizer(parameters, rule, schedule: schedule))
    }
    func advance(_ parameters: [Parameter], _ optimizer: Optimizer, _ steps: Range<Int>) {
      for step in steps {
        for (parameter, gradient) in zip(parameters, fixture.gradients[step]) {
          parameter.gradient = gradient.tensor.converted(to: .float32)
        }
        optimizer.step()
      }
    }
    let (whole, wholeOptimizer) = start()
    advance(whole, wholeOptimizer, 0..<8)
    let (first, firstOptimizer) = start()
    advance(first, firstOptimizer, 0..<3)
    let state = firstOptimizer.stateDictionary()
    let (second, secondOptimizer) = start()
    for (parameter, earlier) in zip(second, first) { parameter.value = earlier.value }
    advance(first, firstOptimizer, 3..<8)  // the saved state must not change with it
    try secondOptimizer.load(state)
    advance(second, secondOptimizer, 3..<8)
    for (a, b) in zip(whole, second) { #expect(a.value.array(of: Float.self) == b.value.array(of: Float.self)) }
    for (a, b) in zip(whole, first) { #expect(a.value.array(of: Float.self) == b.value.array(of: Float.self)) }
  }

  @Test("State of another shape, missing or unknown is refused by name, and nothing changes")
  func refusesForeignState() throws {
    let parameter = Parameter(Tensor.ones([3]))
    let optimizer = Optimizer([parameter], Adam())
    parameter.gradient = Tensor.ones([3])
    optimizer.step()
    var state = optimizer.stateDictionary()
    state["state.0.exp_avg"] = Tensor.ones([4])
    state["state.0.exp_avg_sq"] = nil
    state["state.7.step"] = Tensor([] as Shape, [Int64(1)])
    state["step"] = Tensor([] as Shape, [Int64(99)])
    let error = #expect(throws: StateLoadingError.self) { try optimizer.load(state) }
    #expect(error?.report.mismatched.map(\.key) == ["state.0.exp_avg"])
    #expect(error?.report.missing == ["state.0.exp_avg_sq"])
    #expect(error?.report.unused == ["state.7.step"])
    #expect(optimizer.stepCount == 1)
  }

  @Test("Stepping during the backward walk gives the same weights, and keeps no gradients")
  func stepsDuringBackward() {
    func train(duringBackward: Bool) -> [Float] {
      RandomGenerator.withSeed(5) {
        let model = Sequential(Linear(4, 8), Tanh(), Linear(8, 1))
        let optimizer = Optimizer(model, AdamW(learningRate: 0.05), schedule: .linear(totalSteps: 6))
        if duringBackward { optimizer.beginSteppingDuringBackward() }
        for _ in 0..<5 {
          model(Tensor.randomNormal([16, 4])).square().mean().backward()
          if duringBackward { #expect(model.parameters().allSatisfy { $0.gradient == nil }) }
          optimizer.step()
          optimizer.zeroGradients()
        }
        #expect(optimizer.stepCount == 5)
        return model.parameters().flatMap { $0.value.array(of: Float.self) }
      }
    }
    #expect(train(duringBackward: true) == train(duringBackward: false))
  }

  @Test("Clipping in the step equals clipping the gradients first")
  func clipping() {
    let gradient = Tensor([3.0, 4.0])
    let one = Parameter(Tensor.zeros([2]))
    let other = Parameter(Tensor.zeros([2]))
    one.gradient = gradient
    other.gradient = gradient
    #expect(Optimizer([one], SGD(learningRate: 1)).step(clippingNorm: 1)?.item(as: Double.self) == 5)
    #expect(clipGradients(of: [other], toNorm: 1).item(as: Double.self) == 5)
    Optimizer([other], SGD(learningRate: 1)).step()
    #expect(largestDifference(one.value, other.value) < 1e-7)
    #expect(largestDifference(one.value, Tensor([-0.6, -0.8])) < 1e-5)
    clipGradients(of: [one], toValue: 3.5)
    #expect(one.gradient?.array(of: Float.self) == [3, 3.5])
  }

  @Test("A 16-bit weight takes steps too small for its own precision", arguments: [DType.bfloat16, .float16])
  func masterWeights(dtype: DType) {
    let parameter = Parameter(Tensor.ones([4], dtype: dtype))
    let optimizer = Optimizer([parameter], SGD(learningRate: 1e-4))
    for _ in 0..<1000 {
      parameter.gradient = Tensor.ones([4], dtype: dtype)
      optimizer.step()
    }
    #expect(parameter.value.dtype == dtype)
    #expect(parameter.value.array(of: Float.self).allSatisfy { abs($0 - 0.9) < 0.003 })
  }

  @Test("Frozen weights and weights without gradient stay; decay is for matrices alone where asked")
  func groups() {
    let model = Linear(2, 2)
    let before = model.stateDictionary()
    model.freeze { $0 == "weight" }
    let optimizer = Optimizer(model, SGD(learningRate: 1))
    model.weight.gradient = Tensor.ones([2, 2])
    optimizer.step()
    #expect(model.stateDictionary()["weight"]!.array(of: Float.self) == before["weight"]!.array(of: Float.self))
    #expect(model.stateDictionary()["bias"]!.array(of: Float.self) == before["bias"]!.array(of: Float.self))
    let groups = ParameterGroup.withDecayOnMatrices(model, AdamW(weightDecay: 0.5))
    #expect(groups.map { $0.parameters.map(\.name) } == [["weight"], ["bias"]])
    #expect(groups.map { ($0.rule as? AdamW)?.weightDecay } == [0.5, 0])
  }

  @Test("A rule may ask the optimizer that is calling it", .timeLimit(.minutes(1)))
  func asking() {
    let parameters = [Parameter(Tensor([1.0, 2])), Parameter(Tensor([3.0]))]
    let rule = AskingRule()
    let optimizer = Optimizer(parameters, rule)
    rule.optimizer.withLock { $0 = optimizer }
    for parameter in parameters { parameter.gradient = Tensor.ones(like: parameter.value) }
    optimizer.step()
    optimizer.zeroGradients()
    optimizer.beginSteppingDuringBackward()
    (parameters[0].tensor.sum() + parameters[1].tensor.sum()).backward()
    optimizer.step()
    #expect(parameters[0].value.array(of: Float.self) == [-1, 0])
    #expect(rule.asked.withLock { $0 } == 4)
    #expect(optimizer.stepCount == 2)
  }
}

/// Steps by 1, and asks its optimizer what it can be asked.
private final class AskingRule: UpdateRule {
  var learningRate: Double {
    get { 1 }
    set {}
  }
  let optimizer = Mutex<Optimizer?>(nil)
  let asked = Mutex(0)

  func makeState(for weight: Tensor) -> UpdateState { UpdateState() }

  func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
    weight = weight - step.size * step.scaledGradient
    guard let optimizer = optimizer.withLock({ $0 }) else { return }
    let known = optimizer.parameters.count + optimizer.rules.count + optimizer.namedState().count
    if known > 3 && optimizer.learningRate == 1 { asked.withLock { $0 += 1 } }
  }
}
