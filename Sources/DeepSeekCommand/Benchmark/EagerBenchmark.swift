import DeepSeekDynamic
import DeepSeekOperators
import DeepSeekTensor

/// What an operator costs beside its kernel: a 16-element sum, with and without a gradient, and a small training step.
struct EagerBenchmark {
  let seconds: Double

  /// Operators in one timed run, so that the clock's own cost does not count.
  private static let repeats = 2000
  private static let batch = 64

  func run(_ progress: inout BenchmarkProgress) -> [BenchmarkResult] {
    progress.step(0, of: 3, "sum of 16 elements")
    let a = Tensor.full([16], 1.5)
    let b = Tensor.full([16], 2.5)
    let plain = perCall { _ = a + b }
    progress.step(1, of: 3, "sum of 16 elements, with gradient")
    let tracked = a.requiringGradient()
    let noted = perCall { _ = tracked + b }
    progress.step(2, of: 3, "training step of a 784-128-10 network")
    let step = trainingStep()
    progress.step(3, of: 3, "done")
    return [
      result("eager/add_16", plain.map { $0 * 1e6 }),
      result("eager/add_16_with_gradient", noted.map { $0 * 1e6 }),
      result("eager/mlp_training_step", step.map { $0 * 1e6 }),
    ]
  }

  private func result(_ task: String, _ samples: [Double]) -> BenchmarkResult {
    BenchmarkResult(
      task: task, version: "2.x", metric: "latency", value: samples.median, unit: "µs", samples: samples)
  }

  private func perCall(_ body: () -> Void) -> [Double] {
    Stopwatch.samples(seconds: seconds) {
      for _ in 0..<EagerBenchmark.repeats { body() }
    }.map { $0 / Double(EagerBenchmark.repeats) }
  }

  private func trainingStep() -> [Double] {
    RandomGenerator.withSeed(0) {
      let first = Linear(784, 128)
      let second = Linear(128, 10)
      let optimizer = Optimizer(Sequential(first, ReLU(), second), Adam(learningRate: 1e-3))
      let x = Tensor.randomNormal([EagerBenchmark.batch, 784])
      let labels = Tensor.randomIntegers([EagerBenchmark.batch], 0..<10)
      return Stopwatch.samples(seconds: seconds) {
        second(first(x).relu()).crossEntropy(labels).backward()
        optimizer.step()
        optimizer.zeroGradients()
      }
    }
  }
}
