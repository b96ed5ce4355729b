import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A small network, its optimizer and a stream of batches, stepped eagerly or by a captured graph.
private struct Run {
  let model = RandomGenerator.withSeed(1) { Sequential(Linear(4, 6), Tanh(), LayerNorm(6), Linear(6, 3)) }
  let optimizer: Optimizer
  let clippingNorm: Double?
  private var executor: CPUExecutor?
  private(set) var losses: [Float] = []

  init(
    _ rule: any UpdateRule, dtype: DType = .float32, clippingNorm: Double? = nil, duringBackward: Bool = false
  ) {
    for parameter in model.parameters() { parameter.value = parameter.value.converted(to: dtype) }
    optimizer = Optimizer(model, rule, schedule: .linear(warmupSteps: 3, totalSteps: 12))
    self.clippingNorm = clippingNorm
    if duringBackward { optimizer.beginSteppingDuringBackward(gradientScale: 0.5) }
  }

  private func step(_ x: Tensor, _ labels: Tensor) -> Tensor {
    let loss = model(x).cast(to: .float32).crossEntropy(labels)
    loss.backward()
    optimizer.step(gradientScale: 0.5, clippingNorm: clippingNorm)
    optimizer.zeroGradients()
    return loss
  }

  private static func batch(_ number: Int, _ dtype: DType) -> (x: Tensor, labels: Tensor) {
    RandomGenerator.withSeed(UInt64(number) + 100) {
      (Tensor.randomNormal([8, 4]).cast(to: dtype), Tensor.randomIntegers([8], 0..<3))
    }
  }

  var dtype: DType { model.parameters()[0].spec.dtype }

  /// The captured step.
  func graph() throws -> Graph {
    let batch = Run.batch(0, dtype)
    let weights = model.namedParameters().map { (name: $0.name, parameter: $0.parameter) }
    return try capture(
      [("x", batch.x.spec), ("labels", batch.labels.spec)], naming: weights + optimizer.namedState()
    ) { [("loss", step($0["x"]!, $0["labels"]!))] }
  }

  mutating func eager(_ steps: Range<Int>) {
    for number in steps {
      let batch = Run.batch(number, dtype)
      losses.append(step(batch.x, batch.labels).item(as: Float.self))
    }
  }

  mutating func captured(_ steps: Range<Int>) throws {
    let executor = try executor ?? CPUExecutor(graph())
    self.executor = executor
    for number in steps {
      let batch = Run.batch(number, dtype)
      losses.append(try executor(batch.x, batch.labels)[0].item(as: Float.self))
    }
  }

  /// Whether weights, state and losses are the same bits.
  func isIdentical(to other: Run) -> Bool {
    let (mine, theirs) = (optimizer.stateDictionary(), other.optimizer.stateDictionary())
    let weights = zip(model.parameters(), other.model.parameters())
    return losses == other.losses && weights.allSatisfy { sameBits($0.value, $1.value) }
      && Set(mine.keys) == Set(theirs.keys) && mine.keys.allSatisfy { sameBits(mine[$0]!, theirs[$0]!) }
      && optimizer.stepCount == other.optimizer.stepCount
  }
}

@Suite("A captured training step is the eager one")
struct CapturedTrainingTests {
  private static func rule(_ name: String) throws -> any UpdateRule {
    try #require(optimizerRules.first { $0.name == name }).rule
  }

  @Test("Ten steps give the same bits, with a schedule", arguments: optimizerRules.map(\.name))
  func everyRule(name: String) throws {
    var (eager, captured) = (Run(try Self.rule(name)), Run(try Self.rule(name)))
    eager.eager(0..<10)
    try captured.captured(0..<10)
    #expect(captured.isIdentical(to: eager))
    #expect(captured.optimizer.stepCount == 10)
    #expect(captured.losses[9] != captured.losses[8], "it moves")
  }

  @Test("With clipping by norm", arguments: ["sgd", "adamw", "lamb", "adafactor"])
  func clipping(name: String) throws {
    let rule = try Self.rule(name)
    var (eager, captured) = (Run(rule, clippingNorm: 0.05), Run(rule, clippingNorm: 0.05))
    eager.eager(0..<10)
    try captured.captured(0..<10)
    #expect(captured.isIdentical(to: eager))
    var unclipped = Run(rule)
    unclipped.eager(0..<10)
    #expect(!unclipped.isIdentical(to: eager), "the norm is above the limit")
  }

  @Test("Moving weights during the backward walk, captured too", arguments: ["sgd_momentum", "adamw"])
  func duringBackward(name: String) throws {
    let rule = try Self.rule(name)
    var (eager, captured) = (Run(rule, duringBackward: true), Run(rule, duringBackward: true))
    var plain = Run(rule)
    eager.eager(0..<6)
    try captured.captured(0..<6)
    plain.eager(0..<6)
    #expect(captured.isIdentical(to: eager))
    #expect(plain.isIdentical(to: eager))
  }

  @Test("16-bit weights with their precise copies", arguments: [DType.bfloat16, .float16])
  func halves(dtype: DType) throws {
    var (eager, captured) = (Run(AdamW(learningRate: 1e-2), dtype: dtype), Run(AdamW(learningRate: 1e-2), dtype: dtype))
    eager.eager(0..<10)
    try captured.captured(0..<10)
    #expect(captured.isIdentical(to: eager))
  }

  @Test(
    "Eager and captured steps take turns, and state saved by one is loaded by the other",
    arguments: optimizerRules.map(\.name))
  func restoring(name: String) throws {
    let rule = try Self.rule(name)
    var (eager, mixed) = (Run(rule), Run(rule))
    eager.eager(0..<10)
    mixed.eager(0..<2)
    try mixed.captured(2..<4)
    let (weights, state) = (mixed.model.stateDictionary(), mixed.optimizer.stateDictionary())
    try mixed.captured(4..<5)
    mixed.eager(5..<10)
    #expect(mixed.isIdentical(to: eager))
    var other = Run(rule)
    try other.captured(20..<23)  // captured before the state is loaded, and elsewhere
    try other.model.load(weights)
    try other.optimizer.load(state)
    try other.captured(4..<10)
    #expect(zip(other.model.parameters(), eager.model.parameters()).allSatisfy { sameBits($0.value, $1.value) })
    #expect(other.losses.suffix(6) == eager.losses.suffix(6))
  }

  @Test("Weights and moments are written in place, and nothing else is kept")
  func memory() throws {
    let run = Run(AdamW(learningRate: 1e-2))
    let graph = try run.graph()
    let executor = try CPUExecutor(graph)
    let report = try executor.memoryReport([[8, 4], [8]])
    // Weights with two moments and a count each, and the optimizer's count.
    #expect(report.donatedCount == 4 * run.model.parameters().count + 1)
    #expect(report.results == 4, "the loss alone")
    #expect(graph.variables.map(\.name).contains("optimizer.state.0.weight.exp_avg"))
    _ = try executor(Tensor.ones([8, 4]), Tensor.zeros([8], dtype: .int64))
    let addresses = run.model.parameters().map { $0.value.storage.pointer }
    for _ in 0..<3 { _ = try executor(Tensor.ones([8, 4]), Tensor.zeros([8], dtype: .int64)) }
    #expect(run.model.parameters().map { $0.value.storage.pointer } == addresses)
  }

  @Test("Weights move as soon as their gradient is there: a deep network keeps no more than a few gradients")
  func order() throws {
    let width = 64
    let model = RandomGenerator.withSeed(1) { Sequential((0..<16).map { _ -> any Layer in Linear(width, width) }) }
    let optimizer = Optimizer(model, Adam())
    let graph = try capture([TensorSpec(.float32, [1, width])]) { inputs in
      let loss = model(inputs[0]).square().mean()
      loss.backward()
      optimizer.step()
      return [loss]
    }
    let report = try CPUExecutor(graph).memoryReport([[1, width]])
    #expect(report.arena < 4 * width * width * 4, "\(report.arena) bytes; all gradients take \(16 * width * width * 4)")
  }

  @Test("A copy that somebody holds does not change, and a rule of one's own is captured")
  func copies() throws {
    struct Sign: UpdateRule {
      var learningRate = 0.5
      func makeState(for weight: Tensor) -> UpdateState { UpdateState() }
      func update(_ weight: inout Tensor, _ state: inout UpdateState, _ step: UpdateStep) {
        weight = weight - step.size * step.scaledGradient.sign()
      }
    }
    let weight = Parameter(Tensor([1.0, -2.0]))
    let optimizer = Optimizer([weight], Sign())
    let graph = try capture([TensorSpec(.float32, [2])]) { inputs in
      (weight.tensor * inputs[0]).sum().backward()
      optimizer.step()
      return []
    }
    let before = weight.value
    _ = try CPUExecutor(graph).run([Tensor([3.0, -1.0])])
    #expect(before.array(of: Float.self) == [1, -2])
    #expect(weight.value.array(of: Float.self) == [0.5, -1.5])
  }
}
