import ArgumentParser
import DeepSeekTraining

/// How all of `ds train` trains.
struct TrainingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder to write to.", valueName: "dir"))
  var output: String

  @Option(help: "Passes over the training examples.")
  var epochs = 3

  @Option(name: .customLong("lr"), help: "The highest learning rate; the task's usual one when left out.")
  var learningRate: Double?

  @Option(name: .customLong("batch"), help: "Examples in a step; the task's usual number when left out.")
  var batchSize: Int?

  @Option(name: .customLong("weight-decay"), help: "Decoupled weight decay of matrices.")
  var weightDecay = 0.01

  @Option(name: .customLong("warmup"), help: "The share of all steps during which the learning rate rises.")
  var warmupRatio = 0.0

  @OptionGroup var course: CourseOptions

  @Option(
    help: "In which types products are computed: float32, bfloat16 or float16.",
    transform: { text in
      guard let precision = TrainingPrecision(rawValue: text) else {
        throw ValidationError("'\(text)' is no precision; float32, bfloat16 and float16 are.")
      }
      return precision
    })
  var precision = TrainingPrecision.float32

  @Option(
    help: ArgumentHelp(
      "Megabytes that activations may take: layers are computed again in the backward walk as far as that asks for.",
      valueName: "MB"))
  var activationMemory: Int?

  @Option(help: "What all randomness follows from.")
  var seed: UInt64 = 42

  @Option(name: .customLong("save-every"), help: "Also write a checkpoint after so many steps; 0 for epochs alone.")
  var saveEvery = 0

  @Option(name: .customLong("max-steps"), help: "Stop after so many steps of the run, as if interrupted.")
  var maximumSteps: Int?

  @Option(
    name: .customLong("label-smoothing"),
    help: "How much of a target's probability is spread over all classes.")
  var labelSmoothing = 0.0

  @Option(help: ArgumentHelp("Also write a web page with the curves.", valueName: "html"))
  var report: String?

  @Option(help: ArgumentHelp("Also add lines of JSON to a file, as training goes on.", valueName: "jsonl"))
  var log: String?

  @Option(name: .customLong("tensorboard"), help: ArgumentHelp("Also write events for TensorBoard.", valueName: "dir"))
  var tensorBoard: String?

  @Flag(help: "Go on from the checkpoint in --output.")
  var resume = false

  func validate() throws {
    if epochs < 1 || batchSize.map({ $0 < 1 }) == true || saveEvery < 0 {
      throw ValidationError("--epochs and --batch must be at least 1, --save-every at least 0.")
    }
    if learningRate.map({ !($0 > 0 && $0.isFinite) }) == true || !(weightDecay >= 0 && weightDecay.isFinite) {
      throw ValidationError("--lr must be above 0, --weight-decay at least 0, both finite.")
    }
    if activationMemory.map({ $0 < 1 || $0 > 1 << 30 }) == true {
      throw ValidationError("--activation-memory must be at least 1.")
    }
    if !(0..<1).contains(labelSmoothing) {
      throw ValidationError("--label-smoothing must be at least 0 and below 1.")
    }
    if !(0...1).contains(warmupRatio) { throw ValidationError("--warmup must be from 0 to 1.") }
  }

  /// These options, with a task's own learning rate where none is given. `checkpoints` is the folder of the checkpoint.
  func arguments(learningRate usual: Double, checkpoints: String) -> TrainingArguments {
    var arguments = TrainingArguments(learningRate: learningRate ?? usual, weightDecay: weightDecay)
    arguments.epochs = epochs
    arguments.warmup = .ratio(warmupRatio)
    arguments.precision = precision
    arguments.seed = seed
    arguments.checkpoints = CheckpointSettings(checkpoints, layout: .single)
    return arguments
  }

  /// Trains, from the checkpoint if it is asked for, and returns what there is to say about it.
  func train<Batch>(_ trainer: Trainer<Batch>, unit: String, json: JSONOutput) throws -> TrainingRecord {
    course.apply(to: &trainer.arguments)
    trainer.arguments.interruptsAfterStep = maximumSteps
    trainer.arguments.activationBudget = activationMemory.map { $0 * 1_000_000 }
    trainer.arguments.labelSmoothing = labelSmoothing
    trainer.arguments.logging.report = report
    trainer.arguments.logging.jsonLines = log
    trainer.arguments.logging.tensorBoard = tensorBoard
    if saveEvery > 0 { trainer.callbacks.append(RegularCheckpoints(every: saveEvery)) }
    if resume {
      guard try trainer.resume() else {
        throw CommandError("\(trainer.arguments.checkpoints?.folder ?? output): no checkpoint to resume from")
      }
      Console.note("resumed after step \(trainer.progress.step) of \(trainer.run.totalSteps ?? 0)")
    }
    let record = TrainingRecord(json, unit: unit)
    trainer.callbacks.append(record)
    let outcome = try trainer.train()
    // A run that was at its end already still says what it came to.
    if outcome.isFinished && record.epochs.isEmpty && trainer.canEvaluate { try trainer.evaluate() }
    return record
  }
}

/// Checkpoints between those of the epochs' ends.
private final class RegularCheckpoints: TrainingCallback {
  private let interval: Int

  init(every interval: Int) { self.interval = interval }

  func stepEnds(_ report: StepReport, _ run: TrainingRun) {
    if report.step % interval == 0 { run.requestCheckpoint() }
  }
}
