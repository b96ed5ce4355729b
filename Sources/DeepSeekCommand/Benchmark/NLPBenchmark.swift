import ArgumentParser
import CDeepSeekKernels
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// BERT-base with weights from a seed: forward, and a training step with dropout and AdamW.
struct NLPBenchmark {
  /// Half of the benchmark.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case inference, training
  }

  let layer: FrameworkLayer
  let batch: Int
  let sequence: Int
  let seconds: Double
  let part: Part?

  private static let seed: UInt64 = 0
  private static let learningRate = 2e-5
  /// Seconds that the hardware limit is measured for.
  private static let peakSeconds = 0.5
  private let configuration = BertConfiguration()

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    var results: [BenchmarkResult] = []
    let peak = ds_measure_fma_peak(Int32(Parallel.threadCount), NLPBenchmark.peakSeconds) * 1e9
    if part != .training {
      progress.step(0, of: 3, "forward, batch \(batch)")
      let encoder = RandomGenerator.withSeed(NLPBenchmark.seed) { BertModel(configuration) }
      encoder.eval()
      results.append(try inference(encoder, batch, "inference_throughput", peak))
      progress.step(1, of: 3, "forward, batch 1")
      results.append(try inference(encoder, 1, "inference_latency", peak))
    }
    if part != .inference {
      progress.step(2, of: 3, "training step, batch \(batch)")
      Memory.clearCache()
      results += training(peak)
    }
    progress.step(3, of: 3, "done")
    return results
  }

  private func ids(_ batch: Int) -> Tensor {
    Tensor.randomIntegers(
      [batch, sequence], 0..<configuration.vocabularySize, key: RandomGenerator.key(seed: NLPBenchmark.seed, stream: 1))
  }

  private func inference(
    _ encoder: BertModel, _ batch: Int, _ metric: String, _ peak: Double
  ) throws -> BenchmarkResult {
    let ids = ids(batch)
    let forward = try forward(encoder, ids)
    let times = try Stopwatch.samples(seconds: seconds) { try forward() }
    let fastest = flopsPerExample / peak
    if metric == "inference_latency" {
      return BenchmarkResult(
        task: "nlp", version: layer.rawValue, metric: metric, batch: batch, sequence: sequence,
        value: times.median * 1e3, unit: "ms", limit: fastest * Double(batch) * 1e3, samples: times.map { $0 * 1e3 })
    }
    let rates = times.map { Double(batch) / $0 }
    return BenchmarkResult(
      task: "nlp", version: layer.rawValue, metric: metric, batch: batch, sequence: sequence, value: rates.median,
      unit: "samples/s", limit: 1 / fastest, samples: rates)
  }

  private func forward(_ encoder: BertModel, _ ids: Tensor) throws -> () throws -> Void {
    switch layer {
    case .dynamic: return { _ = noGradient { encoder(ids) } }
    case .heterogeneous:
      let graph = try noGradient { try capture(ids.spec) { encoder($0) } }
      let executor = try CPUExecutor(graph.optimized(GraphPass.fusing))
      return { _ = try noGradient { try executor.run([ids]) } }
    }
  }

  /// Runs operators at once whichever layer is asked for, and says so: an optimizer's step cannot be captured yet.
  private func training(_ peak: Double) -> [BenchmarkResult] {
    Memory.resetPeak()
    let model = RandomGenerator.withSeed(NLPBenchmark.seed) { BertForSequenceClassification(configuration) }
    model.train()
    let optimizer = Optimizer(model, AdamW(learningRate: NLPBenchmark.learningRate))
    optimizer.beginSteppingDuringBackward()
    let ids = ids(batch)
    let labels = Tensor.randomIntegers(
      [batch], 0..<configuration.labelCount, key: RandomGenerator.key(seed: NLPBenchmark.seed, stream: 2))
    let times = RandomGenerator.withSeed(NLPBenchmark.seed) {
      Stopwatch.samples(seconds: seconds) {
        model(ids).crossEntropy(labels).backward()
        optimizer.step()
      }
    }
    let rates = times.map { Double(batch) / $0 }
    return [
      BenchmarkResult(
        task: "nlp", version: FrameworkLayer.dynamic.rawValue, metric: "training_throughput", batch: batch,
        sequence: sequence,
        value: rates.median, unit: "samples/s", limit: peak / (3 * flopsPerExample), samples: rates),
      BenchmarkResult(
        task: "nlp", version: FrameworkLayer.dynamic.rawValue, metric: "peak_memory", batch: batch, sequence: sequence,
        value: Double(ProcessMemory.peak) / 1_048_576, unit: "MB"),
    ]
  }

  /// Multiplications and additions of the products in one example's forward pass.
  private var flopsPerExample: Double {
    let (hidden, wide) = (Double(configuration.hiddenSize), Double(configuration.intermediateSize))
    let length = Double(sequence)
    let weights = 4 * hidden * hidden + 2 * hidden * wide
    let attention = 2 * length * hidden
    return Double(configuration.layerCount) * 2 * length * (weights + attention)
  }
}
