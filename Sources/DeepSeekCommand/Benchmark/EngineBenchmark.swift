import DeepSeekDynamic
import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

/// The same captured graphs on the framework's own kernels and on each engine found: what a node costs beside its kernel,
/// a small network forward, and its training step.
struct EngineBenchmark {
  let seconds: Double

  /// Nodes of the chain whose time is divided by their number.
  private static let chainLength = 200
  private static let batch = 64

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    var backends = [Backend.native]
    for engine in EngineDescription.all {
      if engine.installation() == nil {
        Console.note("\(engine.name) is not measured: not found; \(engine.install)")
      } else {
        backends.append(engine.backend)
      }
    }
    var results: [BenchmarkResult] = []
    for (index, backend) in backends.enumerated() {
      progress.step(index, of: backends.count, backend.name)
      let node = try chain(backend).map { $0 / Double(EngineBenchmark.chainLength) }
      let (forward, training) = try network(backend)
      results += [
        result("engines/\(backend.name)/node", node), result("engines/\(backend.name)/mlp_forward", forward),
        result("engines/\(backend.name)/mlp_training_step", training),
      ]
    }
    return results
  }

  private func result(_ task: String, _ samples: [Double]) -> BenchmarkResult {
    let times = samples.map { $0 * 1e6 }
    return BenchmarkResult(
      task: task, version: "3.x", metric: "latency", value: times.median, unit: "µs", samples: times)
  }

  private func chain(_ backend: Backend) throws -> [Double] {
    let graph = try capture([TensorSpec(.float32, [16])]) { inputs in
      [(0..<EngineBenchmark.chainLength).reduce(inputs[0]) { value, index in index % 2 == 0 ? value.abs() : -value }]
    }
    return try time(backend, graph, [Tensor.full([16], 1.5)])
  }

  private func network(_ backend: Backend) throws -> (forward: [Double], training: [Double]) {
    try RandomGenerator.withSeed(0) {
      let model = Sequential(Linear(784, 128), ReLU(), Linear(128, 10))
      let x = Tensor.randomNormal([EngineBenchmark.batch, 784])
      let labels = Tensor.randomIntegers([EngineBenchmark.batch], 0..<10)
      let forward = try capture([x.spec]) { inputs in [noGradient { model(inputs[0]) }] }
      let training = try capture([x.spec, labels.spec]) { inputs in
        let loss = model(inputs[0]).crossEntropy(inputs[1])
        loss.backward()
        for parameter in model.parameters() { parameter.value = parameter.value - parameter.gradient! * 1e-3 }
        return [loss.detached()]
      }
      return (
        try time(backend, try forward.optimized(), [x]), try time(backend, try training.optimized(), [x, labels])
      )
    }
  }

  private func time(_ backend: Backend, _ graph: Graph, _ inputs: [Tensor]) throws -> [Double] {
    let executor = try backend.makeExecutor(graph)
    var failure: (any Error)?
    let samples = Stopwatch.samples(seconds: seconds) {
      do { _ = try executor.run(inputs) } catch { failure = error }
    }
    if let failure { throw failure }
    return samples
  }
}
