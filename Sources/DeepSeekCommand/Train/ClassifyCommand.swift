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
      from it, to the same losses bit for bit. Left out, --lr is 2e-5 and --batch 32. With --lora-rank, --output gets the \
      adapter, as peft reads it. Families: \
      \(AutoModelForSequenceClassification.supportedTypes.joined(separator: ", ")).

      EXAMPLES
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --epochs 3 --lr 2e-5 --output OUT
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --output OUT --resume
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --lora-rank 8 --lr 5e-4 --output OUT
      """)

  @Option(help: ArgumentHelp("The training examples.", valueName: "tsv"))
  var train: String

  @Option(name: .customLong("eval"), help: ArgumentHelp("The examples to judge by.", valueName: "tsv"))
  var evaluation: String

  @OptionGroup var encoder: EncoderOptions
  @OptionGroup var options: TrainingOptions
  @OptionGroup var adapter: AdapterOptions
  @OptionGroup var json: JSONOutput

  func run() throws {
    var recipe = ClassificationRecipe()
    recipe.epochs = options.epochs
    recipe.batchSize = options.batchSize ?? recipe.batchSize
    recipe.learningRate = options.learningRate ?? recipe.learningRate
    recipe.weightDecay = options.weightDecay
    recipe.warmupRatio = options.warmupRatio
    recipe.precision = options.precision
    recipe.maximumLength = encoder.maximumLength
    recipe.seed = options.seed
    let data = try LabelledTexts(contentsOfTSV: train)
    let judged = try LabelledTexts(contentsOfTSV: evaluation)
    guard judged.labelCount <= max(data.labelCount, 2) else {
      throw CommandError("\(evaluation): has a class that \(train) has not")
    }
    let labelCount = max(data.labelCount, 2)
    let folder = try encoder.folder
    let (classifier, report) = try RandomGenerator.withSeed(options.seed) {
      try AutoModelForSequenceClassification.loadWithReport(
        folder, options: LoadingOptions(labels: ClassLabels(count: labelCount)))
    }
    if !report.missing.isEmpty {
      Console.note("fresh weights: \(report.missing.joined(separator: ", "))")
    }
    let adapters = try adapter.adapters(on: classifier, seed: options.seed)
    let training = try ClassifierTraining(
      classifier, AutoTokenizer.load(contentsOf: folder), data, evaluatingOn: judged, recipe: recipe,
      checkpoints: CheckpointSettings(adapter.checkpoints(options.output), layout: .single), tokenizerFrom: folder)
    let record = try options.train(training.trainer, unit: "examples", json: json)
    try adapters?.save(trainedFrom: encoder.model, to: options.output, .sequenceClassification)
    try json.write(.object(record.result(output: options.output)))
  }
}
