import ArgumentParser
import CDeepSeekKernels
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekStatic
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
  /// In which type products run; the hardware's limit is that of `float32`.
  var precision = CompileOptions.Precision.float32

  private static let seed: UInt64 = 0
  private static let learningRate = 2e-5
  /// Seconds that the hardware limit is measured for.
  private static let peakSeconds = 0.5
  private let configuration = BertConfiguration()

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    let results = try measured(&progress)
    guard layer == .symbolic else { return results }
    // The same run eagerly, so that the two can be compared.
    let eager = NLPBenchmark(
      layer: .dynamic, batch: batch, sequence: sequence, seconds: seconds, part: part, precision: precision)
    // A process's peak is one for all that it did.
    return results + (try eager.measured(&progress)).filter { $0.metric != "peak_memory" }
  }

  private func measured(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    var results: [BenchmarkResult] = []
    let peak = ds_measure_fma_peak(Int32(Parallel.threadCount), NLPBenchmark.peakSeconds) * 1e9
    if part != .training {
      progress.step(0, of: 3, "\(layer.rawValue) forward, batch \(batch)")
      let encoder = RandomGenerator.withSeed(NLPBenchmark.seed) { BertModel(configuration) }
      encoder.eval()
      results.append(try inference(encoder, batch, "inference_throughput", peak))
      progress.step(1, of: 3, "\(layer.rawValue) forward, batch 1")
      results.append(try inference(encoder, 1, "inference_latency", peak))
    }
    if part != .inference {
      progress.step(2, of: 3, "training step, batch \(batch)")
      Memory.clearCache()
      results += try training(peak)
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
      return result(metric, batch, times.map { $0 * 1e3 }, "ms", limit: fastest * Double(batch) * 1e3)
    }
    return result(metric, batch, times.map { Double(batch) / $0 }, "samples/s", limit: 1 / fastest)
  }

  private func result(
    _ metric: String, _ batch: Int, _ samples: [Double], _ unit: String, limit: Double
  ) -> BenchmarkResult {
    BenchmarkResult(
      task: "nlp", version: layer.rawValue, metric: metric, dtype: precision.rawValue, batch: batch, sequence: sequence,
      value: samples.median, unit: unit, limit: precision == .float32 ? limit : nil, samples: samples)
  }

  /// Runs what is computed eagerly, or added to a graph, in the precision.
  private func scope<Value>(_ body: () throws -> Value) rethrows -> Value {
    precision == .bfloat16 ? try autocast(.bfloat16, body) : try body()
  }

  private func forward(_ encoder: BertModel, _ ids: Tensor) throws -> () throws -> Void {
    switch layer {
    case .symbolic:
      let graph = StaticGraph()
      let input = graph.placeholder("ids", [nil, Dimension(sequence)], dtype: .int64)
      let states = noGradient { graph.building { scope { encoder(input) } } }
      let session = Session(graph, passes: GraphPass.fusing)
      return { _ = try session.run(states, feeds: [input: ids]) }
    case .dynamic: return { _ = noGradient { scope { encoder(ids) } } }
    case .heterogeneous:
      let program = try encoder.compiled(
        sequence: sequence, hasMask: false, options: CompileOptions(precision: precision))
      return { _ = try program.run([ids]) }
    }
  }

  private func training(_ peak: Double) throws -> [BenchmarkResult] {
    Memory.resetPeak()
    let model = RandomGenerator.withSeed(NLPBenchmark.seed) { BertForSequenceClassification(configuration) }
    model.train()
    let optimizer = Optimizer(model, AdamW(learningRate: NLPBenchmark.learningRate))
    let ids = ids(batch)
    let labels = Tensor.randomIntegers(
      [batch], 0..<configuration.labelCount, key: RandomGenerator.key(seed: NLPBenchmark.seed, stream: 2))
    let step = try trainingStep(model, optimizer, ids, labels)
    let times = try RandomGenerator.withSeed(NLPBenchmark.seed) {
      try Stopwatch.samples(seconds: seconds) { try step() }
    }
    return [
      result(
        "training_throughput", batch, times.map { Double(batch) / $0 }, "samples/s",
        limit: peak / (3 * flopsPerExample)),
      BenchmarkResult(
        task: "nlp", version: layer.rawValue, metric: "peak_memory", dtype: precision.rawValue, batch: batch,
        sequence: sequence, value: Double(ProcessMemory.peak) / 1_048_576, unit: "MB"),
    ]
  }

  /// One step: operators run at once, weights moving during the backward walk; or one graph, built or captured.
  private func trainingStep(
    _ model: BertForSequenceClassification, _ optimizer: Optimizer, _ ids: Tensor, _ labels: Tensor
  ) throws -> () throws -> Void {
    switch layer {
    case .symbolic:
      let graph = StaticGraph()
      let input = graph.placeholder("ids", [nil, Dimension(sequence)], dtype: .int64)
      let target = graph.placeholder("labels", [nil], dtype: .int64)
      let loss = graph.building { scope { model(input).crossEntropy(target) } }
      let train = optimizer.minimize(loss)
      let session = Session(graph)
      return { _ = try session.run(loss, updating: [train], feeds: [input: ids, target: labels]) }
    case .dynamic:
      optimizer.beginSteppingDuringBackward()
      return {
        scope { model(ids).crossEntropy(labels) }.backward()
        optimizer.step()
      }
    case .heterogeneous:
      let inputs = [(name: "ids", spec: ids.spec), (name: "labels", spec: labels.spec)]
      let program = try TrainingProgram(model, optimizer, inputs, precision: precision) { inputs in
        model(inputs["ids"]!).crossEntropy(inputs["labels"]!)
      }
      return { _ = try program(["ids": ids, "labels": labels]) }
    }
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
