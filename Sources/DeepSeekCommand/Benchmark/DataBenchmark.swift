import DeepSeekData
import DeepSeekTensor
import Foundation

/// How fast a Parquet file is read, all columns into memory on one thread, and row by row.
struct DataBenchmark {
  let path: String
  let seconds: Double

  func run(_ progress: inout BenchmarkProgress) throws -> [BenchmarkResult] {
    let file = try ParquetFile(path: path)
    let byteCount = try URL(fileURLWithPath: path).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    progress.step(0, of: 3, "columns on one thread")
    let columns = try rate(byteCount) { _ = try file.readRowGroups(threads: 1) }
    progress.step(1, of: 3, "columns on \(Parallel.threadCount) threads")
    let parallel = try rate(byteCount) { _ = try file.readRowGroups() }
    progress.step(2, of: 3, "rows")
    let rowLimit = min(file.rowCount, DataBenchmark.rows)
    let dataset = try Dataset.fromParquet(path).take(rowLimit)
    let rows = try Stopwatch.samples(seconds: seconds) { try dataset.forEach { _ in } }
      .map { Double(rowLimit) / $0 }
    progress.step(3, of: 3, "done")
    return [
      result("data/parquet_columns_1_thread", "MB/s", columns),
      result("data/parquet_columns_all_threads", "MB/s", parallel),
      result("data/parquet_rows", "rows/s", rows),
    ]
  }

  private static let rows = 200_000

  private func rate(_ byteCount: Int, _ body: () throws -> Void) throws -> [Double] {
    try Stopwatch.samples(seconds: seconds, body).map { Double(byteCount) / 1e6 / $0 }
  }

  private func result(_ task: String, _ unit: String, _ samples: [Double]) -> BenchmarkResult {
    BenchmarkResult(
      task: task, version: "2.x", metric: "throughput", value: samples.median, unit: unit, samples: samples)
  }
}
