import ArgumentParser
import CDeepSeekKernels
import DeepSeekCompression
import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// A program's throughput, the spread of its latency, its memory, and the time from the start of the process to its first
/// result.
struct InferenceBenchmark {
  /// What BERT-base computes in, when a program is made of it.
  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16
    /// Weights and inputs of layers in 8 bits, the inputs' ranges found beforehand.
    case int8
    /// The same with inputs in 7 bits, as PyTorch's layers for x86 have them.
    case w8a7
  }

  /// The program's file.
  let path: String
  /// What its layers are to compute in; `nil` for whatever they do.
  let wanted: Precision?
  let batch: Int
  let sequence: Int
  let seconds: Double

  /// Writes the program that is measured when nobody names one: BERT-base, with weights from a seed.
  static func write(to path: String, _ precision: Precision = .float32) throws {
    let configuration = BertConfiguration()
    let encoder = RandomGenerator.withSeed(0) { BertModel(configuration) }
    encoder.eval()
    if precision == .int8 || precision == .w8a7 {
      var choices = QuantizationConfig(activationBits: precision == .w8a7 ? 7 : 8)
      choices.activation = .static
      try encoder.quantize(choices) {
        for seed in 0..<calibrationBatches {
          let key = RandomGenerator.key(seed: seed, stream: 1)
          _ = encoder(Tensor.randomIntegers([4, 128], 0..<configuration.vocabularySize, key: key))
        }
      }
    }
    let options = CompileOptions(precision: precision == .bfloat16 ? .bfloat16 : .float32)
    try encoder.compiled(hasMask: false, options: options).write(to: path)
  }

  private static let calibrationBatches: UInt64 = 4

  /// In which type a program's layers compute.
  private static func precision(of graph: Graph) -> String {
    for node in graph.nodes {
      let quantized =
        (node.operation as? PackedQuantizedLinearOperator)?.product ?? node.operation as? QuantizedLinearOperator
      if let quantized {
        return quantized.input.bits == 7 ? "w\(quantized.weightBits)a7" : "int\(quantized.weightBits)"
      }
    }
    let isLow = graph.nodes.contains { node in
      (node.operation is PackedLinearOperator || node.operation is LinearOperator)
        && graph.spec(node.outputs[0]).dtype == .bfloat16
    }
    return (isLow ? Precision.bfloat16 : .float32).rawValue
  }

  /// Has another process write it, so that what making it takes is not in this one's peak of memory.
  static func writeElsewhere(to path: String, _ precision: Precision) throws {
    try OwnProcess.run([
      "benchmark", "--task", "inference", "--program", path, "--precision", precision.rawValue, "--write-program",
    ])
  }

  /// Opens a program and runs it once: what the time of a whole process is taken of.
  static func runOnce(_ path: String, sequence: Int) throws {
    let program = try Program(contentsOf: path)
    _ = try program.run(ModelGraph.examples(program.graph, batch: 1, sequence: sequence))
  }

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    progress.step(0, of: 3, "processes from start to first result")
    let starts = try (0..<InferenceBenchmark.startCount).map { _ in try timeOfProcess() }
    let program = try Program(contentsOf: path)
    let precision = InferenceBenchmark.precision(of: program.graph)
    if let wanted, wanted.rawValue != precision {
      throw CommandError("\(path): its layers compute in \(precision), not in \(wanted.rawValue)")
    }
    func row(
      _ metric: String, _ batch: Int, _ value: Double, _ unit: String, _ samples: [Double] = []
    ) -> BenchmarkResult {
      BenchmarkResult(
        task: "inference", version: FrameworkLayer.heterogeneous.rawValue, metric: metric, dtype: precision,
        batch: batch, sequence: sequence, value: value, unit: unit, samples: samples)
    }
    let one = try ModelGraph.examples(program.graph, batch: 1, sequence: sequence)
    let many = try ModelGraph.examples(program.graph, batch: batch, sequence: sequence)
    var results = [row("first_result", 1, starts.median, "ms", starts)]
    progress.step(1, of: 3, "batch \(batch)")
    let rates = try Stopwatch.samples(seconds: seconds) { _ = try program.run(many) }.map { Double(batch) / $0 }
    results.append(row("inference_throughput", batch, rates.median, "samples/s", rates))
    let report = try program.memoryReport(many.map(\.shape))
    progress.step(2, of: 3, "batch 1")
    let times = try Stopwatch.samples(seconds: seconds) { _ = try program.run(one) }.map { $0 * 1e3 }
    results += [
      row("inference_latency", 1, times.percentile(50), "ms", times),
      row("latency_p90", 1, times.percentile(90), "ms"), row("latency_p99", 1, times.percentile(99), "ms"),
      // How far nine of ten calls are from the usual one, on either side.
      row("latency_spread", 1, 50 * (times.percentile(95) - times.percentile(5)) / times.median, "±%"),
      row("weights", batch, Double(program.constantByteCount) / 1_048_576, "MB"),
      row("arena", batch, Double(report.arena + report.results) / 1_048_576, "MB"),
      row("peak_memory", batch, Double(ProcessMemory.peak) / 1_048_576, "MB"),
    ]
    progress.step(3, of: 3, "done")
    return results
  }

  private static let startCount = 7

  /// Milliseconds that a whole process takes which opens the program, runs it once and ends.
  private func timeOfProcess() throws -> Double {
    try Stopwatch.time {
      try OwnProcess.run([
        "benchmark", "--task", "inference", "--program", path, "--sequence", "\(sequence)", "--first-result",
      ])
    } * 1e3
  }
}
