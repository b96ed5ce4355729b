import CDeepSeekKernels
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
  /// The program's file.
  let program: String
  let batch: Int
  let sequence: Int
  let seconds: Double

  /// Writes the program that is measured when nobody names one: BERT-base, with weights from a seed.
  static func write(to path: String) throws {
    let encoder = RandomGenerator.withSeed(0) { BertModel(BertConfiguration()) }
    encoder.eval()
    try encoder.compiled(hasMask: false).write(to: path)
  }

  /// Has another process write it, so that what making it takes is not in this one's peak of memory.
  static func writeElsewhere(to path: String) throws {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["benchmark", "--task", "inference", "--program", path, "--write-program"]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CommandError("\(path): the process that writes it failed") }
  }

  /// Opens a program and runs it once: what the time of a whole process is taken of.
  static func runOnce(_ path: String, sequence: Int) throws {
    let program = try Program(contentsOf: path)
    _ = try program.run(ModelGraph.examples(program.graph, batch: 1, sequence: sequence))
  }

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    progress.step(0, of: 3, "processes from start to first result")
    let starts = try (0..<InferenceBenchmark.startCount).map { _ in try timeOfProcess() }
    let program = try Program(contentsOf: program)
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
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = [
      "benchmark", "--task", "inference", "--program", program, "--sequence", "\(sequence)", "--first-result",
    ]
    let seconds = try Stopwatch.time {
      try process.run()
      process.waitUntilExit()
    }
    guard process.terminationStatus == 0 else { throw CommandError("\(program): the process that runs it once failed") }
    return seconds * 1e3
  }

  private func row(
    _ metric: String, _ batch: Int, _ value: Double, _ unit: String, _ samples: [Double] = []
  ) -> BenchmarkResult {
    BenchmarkResult(
      task: "inference", version: FrameworkLayer.heterogeneous.rawValue, metric: metric, batch: batch,
      sequence: sequence, value: value, unit: unit, samples: samples)
  }
}
