import DeepSeekHeterogeneous
import DeepSeekModels
import DeepSeekTokenizers
import Foundation

/// Sentences from many clients at once: a batching front beside one sentence at a time, and packed batches beside padded ones.
struct ServingBenchmark {
  /// A sentence encoder's folder.
  let model: String
  /// A text file with a sentence on each line.
  let input: String
  /// Seconds that each figure is measured for.
  let seconds: Double

  /// Clients that each send a sentence as soon as they have the answer to the one before.
  private static let clientCount = 64
  private static let batchSize = 32

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    progress.step(0, of: 4, "compiling")
    let encoder = try SentenceEncoder(contentsOf: URL(fileURLWithPath: model, isDirectory: true), isCompiled: true)
    let sentences = try Lines.read(input)
    guard !sentences.isEmpty else { throw CommandError("\(input): there is no sentence in it") }
    var results = try batches(encoder, sentences, &progress)
    for (step, batchSize) in [(2, 1), (3, ServingBenchmark.batchSize)] {
      progress.step(step, of: 4, "\(ServingBenchmark.clientCount) clients, batches of up to \(batchSize)")
      results += try load(encoder, sentences, batchSize)
    }
    progress.step(4, of: 4, "done")
    return results
  }

  /// Batches as they come, packed and padded to their longest.
  private func batches(
    _ encoder: SentenceEncoder, _ sentences: [String], _ progress: inout BenchmarkProgress
  ) throws -> [BenchmarkResult] {
    let encodings = try sentences.map { try encoder.tokenizer.encode($0) }
    let batches = stride(from: 0, to: encodings.count, by: ServingBenchmark.batchSize).map {
      Array(encodings[$0..<min($0 + ServingBenchmark.batchSize, encodings.count)])
    }
    progress.step(1, of: 4, "batches of \(ServingBenchmark.batchSize), packed and padded")
    let padded = try encoder.model.compiled()
    var times: (packed: [Double], padded: [Double]) = ([], [])
    // In turn, so that both meet the same disturbances.
    let start = ContinuousClock.now
    repeat {
      times.packed.append(try Stopwatch.time { for batch in batches { _ = try encoder.embed(batch) } })
      times.padded.append(
        try Stopwatch.time {
          for batch in batches {
            let tokens = TokenBatch(batch, padTokenID: encoder.model.configuration.padTokenID)
            _ = encoder.pooling(try padded.run([tokens.ids, tokens.attentionMask])[0], mask: tokens.attentionMask)
          }
        })
    } while times.packed.count < 3 || ContinuousClock.now - start < .seconds(seconds)
    // The first round plans memory for shapes that were not met before.
    return [("packed", times.packed), ("padded", times.padded)].map { name, times in
      let rates = times.dropFirst().map { Double(sentences.count) / $0 }
      return BenchmarkResult(
        task: "serving", version: FrameworkLayer.heterogeneous.rawValue, metric: "\(name)_throughput",
        batch: ServingBenchmark.batchSize, value: rates.median, unit: "sentences/s", samples: rates)
    }
  }

  /// All clients at once against a front of this batch size.
  private func load(_ encoder: SentenceEncoder, _ sentences: [String], _ batchSize: Int) throws -> [BenchmarkResult] {
    let front = DynamicBatchModel(
      encoder, maxBatch: batchSize, timeout: batchSize == 1 ? .zero : .milliseconds(2))
    let seconds = seconds
    let start = ContinuousClock.now
    let latencies = try Waiting {
      try await withThrowingTaskGroup(of: [Double].self) { group in
        for client in 0..<ServingBenchmark.clientCount {
          group.addTask {
            var latencies: [Double] = []
            var next = client * 37
            while ContinuousClock.now - start < .seconds(seconds) {
              let sent = ContinuousClock.now
              _ = try await front(sentences[next % sentences.count])
              latencies.append((ContinuousClock.now - sent) / .milliseconds(1))
              next += 1
            }
            return latencies
          }
        }
        var all: [Double] = []
        for try await latencies in group { all += latencies }
        return all
      }
    }.result()
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    func row(_ metric: String, _ value: Double, _ unit: String) -> BenchmarkResult {
      BenchmarkResult(
        task: "serving", version: FrameworkLayer.heterogeneous.rawValue,
        metric: (batchSize == 1 ? "one_at_a_time_" : "batched_") + metric, batch: batchSize, value: value, unit: unit)
    }
    return [
      row("throughput", Double(latencies.count) / elapsed, "sentences/s"),
      row("latency_p50", latencies.percentile(50), "ms"), row("latency_p99", latencies.percentile(99), "ms"),
    ]
  }
}
