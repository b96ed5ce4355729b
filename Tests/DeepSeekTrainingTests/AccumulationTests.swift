import DeepSeekData
import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor
import DeepSeekTraining
import Testing

@Suite("Gathered gradients are those of one large batch")
struct AccumulationTests {
  private let task = SmallTask()

  /// The model after one epoch over batches of these sizes.
  private func trained(_ sizes: [Int], _ accumulation: Accumulation, _ precision: TrainingPrecision = .float32) throws
    -> (model: Sequential, progress: TrainingProgress)
  {
    let model = SmallTask.model()
    let trainer = Trainer(
      model, task.batches(sizes: sizes), objective: SmallTask.objective(model),
      arguments: quietArguments {
        $0.epochs = 1
        $0.accumulation = accumulation
        $0.schedule = .constant
        // Plain steps: the size of a gradient counts.
        $0.rule = SGD(learningRate: 0.5)
        $0.clippingNorm = nil
        $0.precision = precision
      })
    try trainer.train()
    return (model, trainer.progress)
  }

  @Test("N batches of one size give the step of one batch of all, to rounding")
  func fixed() throws {
    let (whole, _) = try trained([32, 32], .batches(1))
    let (gathered, progress) = try trained(Array(repeating: 8, count: 8), .batches(4))
    #expect(progress.step == 2)
    #expect(largestDifference(whole, gathered) < 1e-6)
  }

  @Test("batches of different sizes count by their size, not each the same")
  func weighted() throws {
    let (whole, _) = try trained([32], .batches(1))
    let (gathered, progress) = try trained([3, 17, 1, 11], .batches(4))
    #expect(progress.step == 1)
    #expect(largestDifference(whole, gathered) < 1e-6)
  }

  @Test("gathering by weight closes a step when enough examples have come")
  func dynamic() throws {
    let (whole, _) = try trained([24, 8], .batches(1))
    let (gathered, progress) = try trained([5, 7, 12, 2, 6], .weight(24))
    #expect(progress.step == 2)
    #expect(progress.weight == 32)
    #expect(largestDifference(whole, gathered) < 1e-6)
  }

  @Test("tokens that are ignored do not count")
  func ignored() throws {
    let targets: [Int64] = [1, -100, 2, 0, -100, -100, 3, 1]
    let inputs = Tensor([8, 8], task.examples[..<8].flatMap(\.input))
    func step(_ rows: [Range<Int>]) throws -> Sequential {
      let model = SmallTask.model()
      let trainer = Trainer(
        model, Dataset(rows),
        objective: .crossEntropy { rows in
          (
            model(inputs[rows]), Tensor([rows.count], Array(targets[rows]))
          )
        },
        arguments: quietArguments {
          $0.epochs = 1
          $0.accumulation = .batches(rows.count)
          $0.rule = SGD(learningRate: 0.5)
        })
      try trainer.train()
      #expect(trainer.progress.weight == 5)
      return model
    }
    // The batch 4..<6 has no target at all.
    #expect(largestDifference(try step([0..<8]), try step([0..<4, 4..<6, 6..<8])) < 1e-6)
  }

  @Test("adaptive gathering gives the same step for the batches that it takes")
  func adaptive() throws {
    let (whole, _) = try trained([16], .batches(1))
    let (gathered, progress) = try trained([8, 8], .adaptive(minimum: 2, maximum: 2))
    #expect(progress.step == 1)
    #expect(largestDifference(whole, gathered) < 1e-6)
  }

  @Test("the noise scale is that of gradients whose mean and variance are known")
  func noise() {
    // Squared norms that gradients of mean norm 2 and trace of covariance 12 have on average.
    var noise = GradientNoise()
    for _ in 0..<20 {
      noise.observe(small: 4, squaredNorm: 4 + 12 / 4, large: 32, squaredNormOfAll: 4 + 12.0 / 32)
    }
    #expect(abs(noise.scale! - 3) < 1e-9)
  }

  @Test("a noisy gradient asks for more batches")
  func asksForMore() throws {
    // Labels by chance: nearly all of the gradient is noise.
    let random = task.examples.enumerated().map {
      SmallTask.Example(input: $1.input, label: Int64(($0 * 7 + $0 / 5) % 4))
    }
    let model = SmallTask.model()
    let trainer = Trainer(
      model, Dataset(random).batch(2), objective: SmallTask.objective(model),
      arguments: quietArguments(learningRate: 1e-4) {
        $0.epochs = 4
        $0.accumulation = .adaptive(maximum: 16)
      })
    var batches: [Int] = []
    while !trainer.isFinished { batches.append(try trainer.advance().batches) }
    #expect(batches.first == 2)
    #expect(batches.max()! > 4)
  }
}
