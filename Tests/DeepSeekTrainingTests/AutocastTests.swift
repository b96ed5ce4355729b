import DeepSeekCheckpoints
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Foundation
import Testing

@Suite("Mixed precision")
struct AutocastTests {
  private static func fixture(_ name: String) throws -> URL {
    try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
  }

  /// Outputs of operators for an input of a type, under autocast.
  private func outputs(_ given: DType) -> [String: Tensor] {
    RandomGenerator.withSeed(1) {
      func random(_ shape: Shape) -> Tensor { Initializer.normal()(shape, dtype: .float32) }
      let x = random([4, 8]).cast(to: given)
      let q = random([2, 2, 4, 8]).cast(to: given)
      let image = random([1, 3, 8, 8]).cast(to: given)
      let (full, weight) = (random([4, 8]), random([8, 8]))
      let targets = Tensor([4], [Int64(0), 1, 2, 3])
      return autocast(.bfloat16) {
        [
          "matmul": x.matmul(weight), "linear": x.linear(weight, bias: random([8])),
          "conv2d": image.convolution(random([4, 3, 3, 3])),
          "attention": Tensor.attention(query: q, key: q, value: q), "relu": x.relu(), "gelu": x.gelu(),
          "tanh": x.tanh(), "add": x + x,
          "add_mixed": x + full, "concatenate": Tensor.concatenate([x, x], axis: 0),
          "concatenate_mixed": Tensor.concatenate([x, full], axis: 0), "transpose": x.transposed(), "max": x.max(),
          "cross_entropy": x.crossEntropy(targets), "mse_loss": (x - full).square().mean(),
        ]
      }
    }
  }

  @Test("what runs low is what PyTorch's autocast runs low on the CPU", arguments: [DType.float32, .bfloat16])
  func types(_ given: DType) throws {
    let expected = try #require(
      JSONValue(parsing: Array(Data(contentsOf: AutocastTests.fixture("autocast.json"))))["types"]?.object)
    for (name, output) in outputs(given) {
      #expect(output.dtype.description == expected["\(name)/\(given)"]?.string, "\(name) of \(given)")
    }
  }

  /// The classifier of the fixture.
  private final class Classifier: Module {
    let first = Linear(32, 64)
    let norm = LayerNorm(64)
    let second = Linear(64, 10)
    func callAsFunction(_ x: Tensor) -> Tensor { second(norm(first(x).gelu())) }
  }

  private func losses(_ precision: TrainingPrecision) throws -> [Double] {
    let tensors = try Checkpoint.load(AutocastTests.fixture("autocast.safetensors").path).tensors()
    let model = Classifier()
    try model.load(StateDictionary(tensors), options: .allowsUnused)
    let optimizer = Optimizer(model, AdamW(learningRate: 1e-2, weightDecay: 0.01))
    var losses: [Double] = []
    for step in 0..<40 {
      let (x, y) = (tensors["inputs"]![step], tensors["targets"]![step])
      let loss =
        precision == .float32 ? model(x).crossEntropy(y) : autocast(.bfloat16) { model(x).crossEntropy(y) }
      loss.backward()
      #expect(model.first.weight.gradient?.dtype == .float32)
      optimizer.step()
      optimizer.zeroGradients()
      losses.append(loss.item(as: Double.self))
    }
    return losses
  }

  @Test("a training curve under bfloat16 is PyTorch's")
  func curve() throws {
    let expected = try #require(
      JSONValue(parsing: Array(Data(contentsOf: AutocastTests.fixture("autocast.json"))))["losses"]?.object)
    for (precision, tolerance) in [(TrainingPrecision.float32, 1e-4), (.bfloat16, 0.03)] {
      let curve = try #require(expected[precision.rawValue]?.array).map { $0.double ?? .nan }
      for (step, (found, wanted)) in zip(try losses(precision), curve).enumerated() {
        #expect(abs(found - wanted) < tolerance * max(wanted, 0.5), "step \(step) in \(precision): \(found), \(wanted)")
      }
    }
  }

  @Test("a captured graph has the same casts as eager code")
  func captured() throws {
    let model = RandomGenerator.withSeed(2) { Classifier() }
    let x = RandomGenerator.withSeed(3) { Initializer.normal()([4, 32], dtype: .float32) }
    let eager = autocast(.bfloat16) { noGradient { model(x) } }
    let graph = try capture(TensorSpec(.float32, [4, 32])) { x in autocast(.bfloat16) { model(x) } }
    let found = try CPUExecutor(graph).run([x])[0]
    #expect(eager.dtype == .bfloat16)
    #expect(found.dtype == .bfloat16)
    #expect(found.array(of: Float.self) == eager.array(of: Float.self))
  }

  @Test("a checkpointed part is computed again in the precision that it ran in")
  func checkpointed() throws {
    func gradient(_ isCheckpointed: Bool) -> [Float] {
      let model = RandomGenerator.withSeed(2) { Classifier() }
      let x = RandomGenerator.withSeed(3) { Initializer.normal()([4, 32], dtype: .float32) }
      let loss = autocast(.bfloat16) {
        (isCheckpointed ? checkpoint(x) { model($0) } : model(x)).cast(to: .float32).square().mean()
      }
      loss.backward()
      return model.first.weight.gradient!.array(of: Float.self)
    }
    #expect(gradient(true) == gradient(false))
  }

  @Test("the loss scale grows after enough finite steps and shrinks after one that is not")
  func scaler() {
    let weight = Parameter(Tensor([1.0]))
    var scaler = LossScaler(scale: 1024, growthInterval: 2)
    weight.gradient = Tensor([2.0])
    #expect(scaler.gradientScale(of: [weight]) == 1.0 / 1024)
    #expect(scaler.scale == 1024)
    #expect(scaler.gradientScale(of: [weight]) == 1.0 / 1024)
    #expect(scaler.scale == 2048)
    weight.gradient = Tensor([Double.infinity])
    #expect(scaler.gradientScale(of: [weight]) == nil)
    #expect(scaler.scale == 1024)
  }

  @Test("a training in float16 comes to where one in float32 does, with scales that adapt")
  func halfPrecision() throws {
    let task = SmallTask()
    func trained(_ precision: TrainingPrecision) throws -> (loss: Double, scales: Set<Double>, skipped: Int) {
      let model = SmallTask.model()
      let trainer = Trainer(
        model, task.batches(8), objective: SmallTask.objective(model), evaluation: Evaluation(task.batches(32)),
        arguments: quietArguments {
          $0.precision = precision
          $0.maximumSteps = 60
        })
      var scales: Set<Double> = []
      while !trainer.isFinished { scales.insert(try trainer.advance().lossScale) }
      return (try #require(try trainer.evaluate()["loss"]), scales, trainer.progress.skippedSteps)
    }
    let (full, half) = (try trained(.float32), try trained(.float16))
    #expect(full.loss < 0.9 && abs(half.loss - full.loss) < 0.03, "\(full.loss), \(half.loss)")
    #expect(full.scales == [1] && half.scales.count == half.skipped + 1)
    #expect(half.scales.max() == 65536)
  }

  @Test("a step that overflows in float16 is left out, and the next has a smaller scale")
  func skipped() throws {
    let task = SmallTask()
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(8),
      objective: .crossEntropy { batch in
        let (inputs, targets) = SmallTask.tensors(batch)
        // Gradients of 16-bit products near their end: a scale of 65536 is too much.
        return (model(inputs) * 8, targets)
      }, arguments: quietArguments { $0.precision = .float16 })
    var reports: [StepReport] = []
    while reports.last?.isMade != true { reports.append(try trainer.advance()) }
    #expect(reports[0].lossScale == 65536)
    #expect(trainer.progress.skippedSteps == reports.count - 1)
    #expect(trainer.progress.step == 1)
    #expect(reports.last!.lossScale == 65536 / Double(1 << (reports.count - 1)))
  }
}
