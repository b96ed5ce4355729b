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
    let judged = try LabelledTexts(contentsOfTSV: evaluation)
    guard judged.labelCount <= training.model.bert.configuration.labelCount else {
      throw CommandError("\(evaluation): has a class that \(train) has not")
    }
    var losses: [Float] = []
    var epochs: [JSONValue] = []
    var meter = TrainingMeter(training)
    let last = min(training.totalSteps, maximumSteps ?? .max)
    while training.step < last {
      let report = try training.advance()
      losses.append(report.loss)
      meter.show(report)
      let isEpochEnd = training.step % training.stepsPerEpoch == 0
      if isEpochEnd {
        epochs.append(try judge(training, judged, &meter))
      }
      if isEpochEnd || training.step == last || (saveEvery > 0 && training.step % saveEvery == 0) {
        try ClassifierCheckpoint.write(training, to: output, tokenizerFrom: model)
      }
    }
    meter.finish()
    if training.isFinished && epochs.isEmpty { epochs.append(try judge(training, judged, &meter)) }
    try json.write([
      "steps": .integer(training.step),
      "losses": .array(losses.map { .double(Double($0)) }),
      "epochs": .array(epochs),
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
    let labelCount = max(data.labelCount, 2)
    let (classifier, report) = try RandomGenerator.withSeed(seed) {
      try BertForSequenceClassification.loadWithReport(
        contentsOf: folder, options: LoadingOptions(labels: ClassLabels(count: labelCount)))
    }
    if !report.missing.isEmpty {
      Console.note("fresh weights: \(report.missing.joined(separator: ", "))")
    }
    let training = try ClassifierTraining(
      classifier, AutoTokenizer.load(contentsOf: folder), data, recipe: recipe)
    if resume {
      guard ClassifierCheckpoint.isPresent(at: output) else {
        throw CommandError("\(output): no checkpoint to resume from")
      }
      try ClassifierCheckpoint.resume(training, from: output)
      Console.note("resumed after step \(training.step) of \(training.totalSteps)")
    }
    return training
  }

  private func judge(
    _ training: ClassifierTraining, _ data: LabelledTexts, _ meter: inout TrainingMeter
  ) throws -> JSONValue {
    let scores = try training.evaluate(data)
    let epoch = training.step / training.stepsPerEpoch
    meter.finish()
    if !json.ownsStandardOutput {
      Console.result(
        String(
          format: "epoch %d  loss %.4f  accuracy %.4f  f1 %.4f  %.1f examples/s", epoch, meter.meanLoss,
          scores.accuracy, scores.f1, meter.examplesPerSecond))
    }
    defer { meter.beginEpoch() }
    return [
      "epoch": .integer(epoch), "loss": .double(meter.meanLoss), "accuracy": .double(scores.accuracy),
      "f1": .double(scores.f1), "examples_per_second": .double(meter.examplesPerSecond),
    ]
  }
}
