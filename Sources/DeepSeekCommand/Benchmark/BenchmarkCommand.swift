import ArgumentParser
import DeepSeekHeterogeneous
import DeepSeekJSON
import Foundation

/// `ds benchmark`: what this machine reaches, beside what it could.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure the framework on this machine.",
    discussion: """
      Tasks: nlp (BERT-base, forward and training step, weights from a seed), ops (each kernel against the limit that binds \
      it), eager (the cost of an operator beside its kernel), tokenize (loading a tokenizer and encoding text with it), \
      engines (the same graphs natively and through TensorFlow and PyTorch), data (reading the Parquet file that --data \
      names), recovery (from SIGKILL to a training's next step, in each version), inference (a program: throughput, spread of latency, memory, \
      time from the start of the process to the first result), serving (sentences from 64 clients, batched and one at a \
      time). Versions: 1.x builds a graph and runs it in a session, with 2.x's figures beside its own; 2.x runs operators \
      at once; 3.x captures, compiles and runs a graph, a training step with its optimizer too; all puts the three beside one \
      another: training, memory, start, recovery, and with --model and --eval the accuracy of a classifier in each version and \
      type, without them which classes of random texts agree.

      EXAMPLES
        ds benchmark --version 3.x --task nlp
        ds benchmark --version all --task nlp --seconds 5
        ds benchmark --version all --task nlp --model runs/reviews --eval eval.tsv
        ds benchmark --task nlp --quick --json result.json
        ds benchmark --task ops
        ds benchmark --task recovery
        ds benchmark --task data --data train.parquet
        ds benchmark --task inference --program bert.dsprogram
        ds benchmark --task inference --program int8.dsprogram --precision int8
        ds benchmark --task nlp --part training --precision bfloat16
        ds benchmark --task serving --model all-MiniLM-L6-v2 --input lines.txt
        ds benchmark --task tokenize --model all-MiniLM-L6-v2 --input lines.txt
      """)

  /// What is measured.
  enum Task: String, ExpressibleByArgument, CaseIterable {
    case nlp, ops, eager, tokenize, engines, data, recovery, inference, serving
  }

  @Option(
    name: .customLong("version"),
    help: "Which layer runs the model: 1.x, 2.x, 3.x or all, of nlp and recovery; 3.x without it, for recovery 2.x.")
  var version: FrameworkLayers?

  @Option(help: "What is measured: nlp, ops, eager, tokenize, engines, data, recovery, inference or serving.")
  var task: Task = .nlp

  @Option(help: ArgumentHelp("The Parquet file that the task data reads.", valueName: "file"))
  var data: String?

  @Option(name: .customLong("batch"), help: "Examples in a batch, of nlp and inference; 8 when left out.")
  var batchSize: Int?

  @Option(name: .customLong("sequence"), help: "Tokens in a sequence, of nlp and inference; 128 when left out.")
  var sequenceLength: Int?

  @Option(help: "Seconds that each figure is measured for; the task's usual number when left out.")
  var seconds: Double?

  @Option(help: "Only one part of nlp: inference or training.")
  var part: NLPBenchmark.Part?

  @Option(
    help: ArgumentHelp(
      "The model folder whose tokenizer is measured, without one a vocabulary made in memory; that is served; or, with --version all, whose accuracy is measured.",
      valueName: "dir"))
  var model: String?

  @Option(
    name: .customLong("eval"),
    help: ArgumentHelp("Labelled examples that --version all judges the classifier --model by.", valueName: "tsv"))
  var evaluation: String?

  @Option(
    help: ArgumentHelp("The text file that is tokenized, without one made sentences; or served.", valueName: "file"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "The program that the task inference runs; BERT-base, with weights from a seed, is written there if there is no file.",
      valueName: "file"))
  var program: String?

  @Option(
    help: ArgumentHelp(
      "In what BERT-base computes: float32 or bfloat16; for inference also int8, or w8a7 (inputs in 7 bits). Without it, inference takes what the program has."
    ))
  var precision: InferenceBenchmark.Precision?

  @Flag(help: .hidden)
  var firstResult = false

  @Flag(help: .hidden)
  var writeProgram = false

  @Option(help: .hidden)
  var recoveryFolder: String?

  @Option(help: .hidden)
  var startUpFolder: String?

  @Flag(help: "Short measurements; done in under a minute.")
  var quick = false

  @OptionGroup var json: JSONOutput

  private var layers: FrameworkLayers { version ?? .one(task == .recovery ? .dynamic : .heterogeneous) }
  private var batch: Int { batchSize ?? 8 }
  private var sequence: Int { sequenceLength ?? 128 }

  func validate() throws {
    try task.check(given: self)
    if (task == .data) != (data != nil) { throw ValidationError("--task data and --data FILE go together.") }
    if batch < 1 { throw ValidationError("--batch must be at least 1.") }
    if !(1...512).contains(sequence) { throw ValidationError("--sequence must be from 1 to 512.") }
    if task == .serving && (model == nil || input == nil) {
      throw ValidationError("--task serving takes --model DIR and --input FILE.")
    }
    if case .all = layers, task != .nlp || part != nil {
      throw ValidationError("--version all goes with the whole of --task nlp.")
    }
    if task == .nlp {
      if (model != nil) != (evaluation != nil) { throw ValidationError("--model DIR and --eval TSV go together.") }
      if model != nil, case .one = layers { throw ValidationError("--model and --eval go with --version all.") }
    }
    if (task == .inference) != (program != nil) {
      throw ValidationError("--task inference and --program FILE go together.")
    }
    if let seconds, !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds must be more than 0 and at most 3600.")
    }
    if let precision, precision != .float32 {
      if task == .nlp && precision != .bfloat16 {
        throw ValidationError("--precision \(precision.rawValue) goes with --task inference.")
      }
      if case .all = layers, task == .nlp { throw ValidationError("--version all is in float32.") }
    }
  }

  func run() throws {
    // The process that the task recovery kills.
    if let recoveryFolder, case .one(let layer) = layers {
      return try RecoveryBenchmark.train(layer, in: recoveryFolder)
    }
    if let startUpFolder, case .one(let layer) = layers {
      return try StartUp.run(layer, in: startUpFolder, sequence: sequence)
    }
    if let program {
      if writeProgram { return try InferenceBenchmark.write(to: program, precision ?? .float32) }
      if firstResult { return try InferenceBenchmark.runOnce(program, sequence: sequence) }
      if !FileManager.default.fileExists(atPath: program) {
        try InferenceBenchmark.writeElsewhere(to: program, precision ?? .float32)
        Console.note("BERT-base, with weights from a seed, is written to \(program)")
      }
    }
    let machine = MachineReport()
    machine.warn()
    let asked = seconds ?? task.usualSeconds
    let duration = quick ? min(asked, task.quickSeconds) : asked
    var progress = BenchmarkProgress()
    let results: [BenchmarkResult] =
      switch task {
      case .nlp:
        switch layers {
        case .all:
          try VersionBenchmark(batch: batch, sequence: sequence, seconds: duration, accuracy: accuracy)
            .run(&progress)
        case .one(let layer):
          try NLPBenchmark(
            layer: layer, batch: batch, sequence: sequence, seconds: duration, part: part,
            precision: precision == .bfloat16 ? .bfloat16 : .float32
          ).run(&progress)
        }
      case .ops: KernelBenchmark(seconds: duration).run(&progress)
      case .eager: EagerBenchmark(seconds: duration).run(&progress)
      case .engines: try EngineBenchmark(seconds: duration).run(&progress)
      case .data: try DataBenchmark(path: data!, seconds: duration).run(&progress)
      case .recovery: try recovery().run(&progress)
      case .inference:
        try InferenceBenchmark(
          path: program!, wanted: precision, batch: batch, sequence: sequence, seconds: duration
        ).run(&progress)
      case .serving: try ServingBenchmark(model: model!, input: input!, seconds: duration).run(&progress)
      case .tokenize: try TokenizerBenchmark(model: model, input: input, seconds: duration).run(&progress)
      }
    progress.finish()
    if !json.ownsStandardOutput {
      let lines = if case .all = layers { VersionBenchmark.lines(results) } else { BenchmarkTable.lines(results) }
      for line in lines { Console.result(line) }
    }
    try json.write([
      "machine": .object(machine.json),
      "results": .array(results.map(\.json)),
    ])
  }

  private var accuracy: AccuracyBenchmark? {
    guard let model, let evaluation else { return nil }
    return AccuracyBenchmark(
      model: model, evaluation: evaluation, maximumLength: sequence, textCount: quick ? Self.quickTextCount : nil)
  }

  /// How many labelled texts are judged when it is to be quick.
  private static let quickTextCount = 200

  private func recovery() -> RecoveryBenchmark {
    let layer = if case .one(let layer) = layers { layer } else { FrameworkLayer.dynamic }
    return RecoveryBenchmark(layer: layer, rounds: quick ? 1 : 5)
  }
}
