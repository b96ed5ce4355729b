import ArgumentParser
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// `ds train classify`: fine-tunes an encoder on labelled text.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Fine-tune an encoder on labelled text.",
    discussion: """
      The data are tab-separated files whose first line names the columns: 'sentence' (or 'text') and 'label', whole \
      numbers from 0. A checkpoint is written to --output after each epoch, and every --save-every steps; --resume goes on \
      from it, to the same losses bit for bit.

      EXAMPLES
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --epochs 3 --lr 2e-5 --output OUT
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --output OUT --resume
      """)

  @Option(help: ArgumentHelp("The model folder to start from.", valueName: "dir"))
  var model: String

  @Option(help: ArgumentHelp("The training examples.", valueName: "tsv"))
  var train: String

  @Option(name: .customLong("eval"), help: ArgumentHelp("The examples to judge by.", valueName: "tsv"))
  var evaluation: String

  @Option(help: ArgumentHelp("The folder to write the model to.", valueName: "dir"))
  var output: String

  @Option(help: "Passes over the training examples.")
  var epochs = 3

  @Option(name: .customLong("lr"), help: "The highest learning rate.")
  var learningRate = 2e-5

  @Option(name: .customLong("batch"), help: "Examples in a step.")
  var batchSize = 32

  @Option(name: .customLong("weight-decay"), help: "Decoupled weight decay of matrices.")
  var weightDecay = 0.01

  @Option(name: .customLong("warmup"), help: "The share of all steps during which the learning rate rises.")
  var warmupRatio = 0.0

  @Option(name: .customLong("max-length"), help: "The longest sequence, in tokens.")
  var maximumLength = 128

  @Option(help: "What all randomness follows from.")
  var seed: UInt64 = 42

  @Option(name: .customLong("save-every"), help: "Also write a checkpoint after so many steps; 0 for epochs alone.")
  var saveEvery = 0

  @Option(name: .customLong("max-steps"), help: "Stop after so many steps of the run, as if interrupted.")
  var maximumSteps: Int?

  @Flag(help: "Go on from the checkpoint in --output.")
  var resume = false

  @OptionGroup var json: JSONOutput

  func validate() throws {
    if epochs < 1 || batchSize < 1 || maximumLength < 3 || saveEvery < 0 {
      throw ValidationError(
        "--epochs and --batch must be at least 1, --max-length at least 3, --save-every at least 0.")
    }
    if !(learningRate > 0 && learningRate.isFinite) || !(weightDecay >= 0 && weightDecay.isFinite) {
      throw ValidationError("--lr must be above 0, --weight-decay at least 0, both finite.")
    }
    if !(0...1).contains(warmupRatio) { throw ValidationError("--warmup must be from 0 to 1.") }
  }

  func run() throws {
    let training = try prepare()
    let record = ClassifyRecord(json)
    training.trainer.callbacks.append(record)
    let outcome = try training.trainer.train()
    // A run that was at its end already still says what it came to.
    if outcome.isFinished && record.epochs.isEmpty { try training.trainer.evaluate() }
    try json.write([
      "steps": .integer(training.step),
      "losses": .array(record.losses.map { .double($0) }),
      "epochs": .array(record.epochs),
      "output": .string(output),
    ])
  }

  private func prepare() throws -> ClassifierTraining {
    var recipe = ClassificationRecipe()
    recipe.epochs = epochs
    recipe.batchSize = batchSize
    recipe.learningRate = learningRate
    recipe.weightDecay = weightDecay
    recipe.warmupRatio = warmupRatio
    recipe.maximumLength = maximumLength
    recipe.seed = seed
    let folder = URL(fileURLWithPath: model, isDirectory: true)
    let data = try LabelledTexts(contentsOfTSV: train)
    let judged = try LabelledTexts(contentsOfTSV: evaluation)
    guard judged.labelCount <= max(data.labelCount, 2) else {
      throw CommandError("\(evaluation): has a class that \(train) has not")
    }
    let labelCount = max(data.labelCount, 2)
    let (classifier, report) = try RandomGenerator.withSeed(seed) {
      try BertForSequenceClassification.loadWithReport(
        contentsOf: folder, options: LoadingOptions(labels: ClassLabels(count: labelCount)))
    }
    if !report.missing.isEmpty {
      Console.note("fresh weights: \(report.missing.joined(separator: ", "))")
    }
    let training = try ClassifierTraining(
      classifier, AutoTokenizer.load(contentsOf: folder), data, evaluatingOn: judged, recipe: recipe,
      checkpoints: CheckpointSettings(output, layout: .single), tokenizerFrom: folder)
    training.trainer.arguments.interruptsAfterStep = maximumSteps
    if saveEvery > 0 { training.trainer.callbacks.append(RegularCheckpoints(every: saveEvery)) }
    if resume {
      guard try training.trainer.resume() else {
        throw CommandError("\(output): no checkpoint to resume from")
      }
      Console.note("resumed after step \(training.step) of \(training.totalSteps)")
    }
    return training
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

/// What the command says of a run: a line for each epoch, and all of it as JSON.
private final class ClassifyRecord: TrainingCallback {
  private(set) var losses: [Double] = []
  private(set) var epochs: [JSONValue] = []
  private let json: JSONOutput
  private var examples = 0.0
  private var seconds = 0.0

  init(_ json: JSONOutput) { self.json = json }

  func stepEnds(_ report: StepReport, _ run: TrainingRun) {
    losses.append(report.loss)
    examples += report.weight
    seconds += report.seconds
  }

  func evaluated(_ scores: [String: Double], _ run: TrainingRun) {
    let rate = seconds > 0 ? examples / seconds : 0
    let (accuracy, f1) = (scores["accuracy"] ?? .nan, scores["f1"] ?? .nan)
    let (epoch, loss) = (run.progress.epoch, run.progress.epochLoss)
    if !json.ownsStandardOutput {
      ProgressBar().finish()
      Console.result(
        String(
          format: "epoch %d  loss %.4f  accuracy %.4f  f1 %.4f  %.1f examples/s", epoch, loss, accuracy, f1, rate))
    }
    epochs.append([
      "epoch": .integer(epoch), "loss": .double(loss), "accuracy": .double(accuracy), "f1": .double(f1),
      "examples_per_second": .double(rate),
    ])
    (examples, seconds) = (0, 0)
  }
}
