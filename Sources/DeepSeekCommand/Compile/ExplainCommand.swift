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
      whichever is longer, must take, divided by the time taken. The arithmetic's limit is that of float32, which products \
      in fewer bits may pass.

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

  @OptionGroup var compilation: CompilationOptions

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
    let program = try ModelGraph.program(model, compilation)
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
    if !json.ownsStandardOutput {
      for line in explanation.table(bySteps: steps) { Console.result(line) }
      Console.result(String(format: "the whole process took at most %.1f MB", Double(processBytes) / 1e6))
    }
    try json.write(document(explanation, limits, processBytes))
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
            "operator": .string(step.label), "fused": .array(step.fused.map { .string($0) }),
            "inputs": .array(step.inputs.map { .string($0.description) }),
            "outputs": .array(step.outputs.map { .string($0.description) }),
            "operations": .double(step.operations), "bytes": .double(step.bytes), "seconds": .double(step.seconds),
            "share_of_limit": step.shareOfLimit.map { .double($0) } ?? .null,
          ]
        }),
    ]
  }
}
