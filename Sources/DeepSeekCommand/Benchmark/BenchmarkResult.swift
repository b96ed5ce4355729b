import DeepSeekJSON
import DeepSeekTraining
import Foundation

/// One figure of a benchmark.
struct BenchmarkResult {
  /// `nlp`, or `ops/` and the kernel's name.
  var task: String
  /// The layer that ran it.
  var version: String
  /// What was measured: `inference_throughput`, `training_throughput`, `inference_latency`, `peak_memory`, `startup`,
  /// `gflops`, `bandwidth`, `latency`, `load_time`, `tokenizing_throughput`, `tokenizing_throughput_per_thread`, and what else a task's file names.
  var metric: String
  var dtype = "float32"
  var batch: Int?
  var sequence: Int?
  /// The median.
  var value: Double
  var unit: String
  /// What the hardware would allow, in the same unit.
  var limit: Double?
  /// Each measurement.
  var samples: [Double] = []

  /// The result's stable keys.
  var json: JSONValue {
    [
      "task": .string(task), "version": .string(version), "metric": .string(metric), "dtype": .string(dtype),
      "batch": batch.map { .integer($0) } ?? .null, "sequence": sequence.map { .integer($0) } ?? .null,
      "value": .double(value), "unit": .string(unit), "limit": limit.map { .double($0) } ?? .null,
      "samples": .array(samples.map { .double($0) }),
    ]
  }
}

extension BenchmarkResult {
  /// What ``json`` gave; `nil` for anything else.
  init?(json: JSONValue) {
    guard let task = json["task"]?.string, let version = json["version"]?.string, let metric = json["metric"]?.string,
      let value = json["value"]?.double, let unit = json["unit"]?.string
    else { return nil }
    self.init(
      task: task, version: version, metric: metric, dtype: json["dtype"]?.string ?? "float32",
      batch: json["batch"]?.integer, sequence: json["sequence"]?.integer, value: value, unit: unit,
      limit: json["limit"]?.double, samples: json["samples"]?.array?.compactMap(\.double) ?? [])
  }
}

/// Results as aligned columns.
enum BenchmarkTable {
  /// A line for the heading and one for each result.
  static func lines(_ results: [BenchmarkResult]) -> [String] {
    var rows = [["task", "version", "type", "metric", "batch", "sequence", "value", "unit", "limit", "of limit"]]
    for result in results {
      rows.append([
        result.task, result.version, result.dtype, result.metric, result.batch.map(String.init) ?? "",
        result.sequence.map(String.init) ?? "",
        number(result.value), result.unit, result.limit.map(number) ?? "", share(result),
      ])
    }
    return aligned(rows) { $0 <= 3 || $0 == 7 }
  }

  /// Rows as lines, their columns under one another, text to the left and all else to the right.
  static func aligned(_ rows: [[String]], isText: (Int) -> Bool) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isText(column) ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
    }
  }

  static func number(_ value: Double) -> String {
    value >= 100 ? String(format: "%.0f", value) : String(format: value >= 10 ? "%.1f" : "%.2f", value)
  }

  /// Latencies and memory are better when smaller, everything else when larger.
  private static func share(_ result: BenchmarkResult) -> String {
    guard let limit = result.limit, limit > 0, result.value > 0 else { return "" }
    let isTime = result.unit == "ms" || result.unit == "µs" || result.unit == "s"
    return String(format: "%.0f%%", 100 * (isTime ? limit / result.value : result.value / limit))
  }
}

/// What a benchmark is doing, on a terminal.
struct BenchmarkProgress {
  private var bar = ProgressBar()

  /// Shows step `done` of `total`.
  mutating func step(_ done: Int, of total: Int, _ text: String) { bar.show(done, of: total, text) }

  /// Clears the line.
  func finish() { bar.finish() }
}
