import ArgumentParser
import CDeepSeekKernels
import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekTensor
import Foundation

/// `ds explain`: where a program's time goes.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show what a model is fused to, and where its time goes.",
    discussion: """
      MODEL is a program (.dsprogram) or anything that `ds compile` takes. Each row is one operator, with what it computes, \
      moves and takes, and the share of what the machine could do: the time that its arithmetic or its memory traffic, \
      whichever is longer, must take, divided by the time taken.

      EXAMPLES
        ds explain all-MiniLM-L6-v2 --batch 8 --sequence 128
        ds explain minilm.dsprogram --steps --trace trace.json     # open in https://ui.perfetto.dev
      """)

  @Argument(help: "A program, or what a program can be made of.")
  var model: String

  @Option(help: "The length of the first axis where it is open.")
  var batch = 1

  @Option(help: "The length of other axes where they are open: tokens, for a text model.")
  var sequence = 128

  @Option(help: "Runs that the medians are taken of.")
  var runs = 10

  @Flag(help: "Keep every bit of the model: no operators are fused that then round less often.")
  var exact = false

  @Flag(help: "A row for each step instead of one for all of an operator.")
  var steps = false

  @Option(help: ArgumentHelp("Write the steps for Perfetto or Chrome.", valueName: "file"))
  var trace: String?

  @OptionGroup var json: JSONOutput

  func validate() throws {
    for (name, value) in [("batch", batch), ("sequence", sequence), ("runs", runs)] where value < 1 {
      throw ValidationError("--\(name) must be at least 1.")
    }
  }

  func run() throws {
    let program = try ModelGraph.program(model, CompileOptions(fidelity: exact ? .exact : .fused))
    let inputs = try ModelGraph.examples(program.graph, batch: batch, sequence: sequence)
    // The program alone, before the buffers that the machine's limits are measured with.
    _ = try program.run(inputs)
    let processBytes = ProcessMemory.peak
    let limits = MachineLimits(
      operationsPerSecond: ds_measure_fma_peak(Int32(Parallel.threadCount), 0.3) * 1e9,
      bytesPerSecond: ds_measure_bandwidth(Int32(Parallel.threadCount), DS_TRAFFIC_TRIAD, 256 << 20, 0.3) * 1e9)
    let explanation = try program.explain(inputs, runs: runs, limits: limits)
    if let trace {
      try AtomicFile.write(explanation.trace.serialized(), to: trace)
    }
    if !json.ownsStandardOutput { printTable(explanation, processBytes) }
    try json.write(document(explanation, limits, processBytes))
  }

  private func printTable(_ explanation: Explanation, _ processBytes: Int) {
    let rows = steps ? stepRows(explanation) : operatorRows(explanation)
    let header = ["operator", steps ? "output" : "count", "ms", "%", "GFLOP", "MB", "of limit"]
    let table = [header] + rows
    let widths = header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    for row in table {
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      Console.result(cells.joined(separator: "  "))
    }
    Console.result(
      String(
        format: "%.3f ms; arena %.1f MB, results %.1f MB, weights %.1f MB; the whole process at most %.1f MB",
        explanation.seconds * 1e3, Double(explanation.memory.arena) / 1e6, Double(explanation.memory.results) / 1e6,
        Double(explanation.constantBytes) / 1e6, Double(processBytes) / 1e6))
  }

  private func operatorRows(_ explanation: Explanation) -> [[String]] {
    explanation.byOperator.map { sum in
      let shares = explanation.steps.filter { $0.label.prefix { $0 != " " } == sum.label }
      let needed = shares.reduce(0) { $0 + $1.seconds * ($1.shareOfLimit ?? 0) }
      return [sum.label, "\(sum.count)"]
        + cells(sum.seconds, explanation.seconds, sum.operations, sum.bytes, needed / Swift.max(sum.seconds, 1e-12))
    }
  }

  private func stepRows(_ explanation: Explanation) -> [[String]] {
    explanation.steps.map { step in
      [step.label, step.outputs.map(\.description).joined(separator: " ")]
        + cells(step.seconds, explanation.seconds, step.operations, step.bytes, step.shareOfLimit ?? 0)
    }
  }

  private func cells(
    _ seconds: Double, _ total: Double, _ operations: Double, _ bytes: Double, _ share: Double
  ) -> [String] {
    [
      String(format: "%.3f", seconds * 1e3), String(format: "%.1f", 100 * seconds / Swift.max(total, 1e-12)),
      String(format: "%.3f", operations / 1e9), String(format: "%.2f", bytes / 1e6),
      String(format: "%.0f%%", share * 100),
    ]
  }

  private func document(
    _ explanation: Explanation, _ limits: MachineLimits, _ processBytes: Int
  ) -> JSONValue {
    [
      "seconds": .double(explanation.seconds),
      "limits": [
        "operations_per_second": .double(limits.operationsPerSecond),
        "bytes_per_second": .double(limits.bytesPerSecond),
      ],
      "memory": [
        "arena": .integer(explanation.memory.arena), "results": .integer(explanation.memory.results),
        "weights": .integer(explanation.constantBytes), "process": .integer(processBytes),
      ],
      "steps": .array(
        explanation.steps.map { step in
          [
            "operator": .string(step.label), "inputs": .array(step.inputs.map { .string($0.description) }),
            "outputs": .array(step.outputs.map { .string($0.description) }),
            "operations": .double(step.operations), "bytes": .double(step.bytes), "seconds": .double(step.seconds),
            "share_of_limit": step.shareOfLimit.map { .double($0) } ?? .null,
          ]
        }),
    ]
  }
}
