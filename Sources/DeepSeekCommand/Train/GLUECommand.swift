import ArgumentParser
import DeepSeek
import DeepSeekData
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTensor
import DeepSeekTraining

/// `ds train glue`: fine-tunes an encoder on one of the GLUE tasks.
struct GLUECommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "glue",
    abstract: "Fine-tune an encoder on a GLUE task, judged by the task's own metric.",
    discussion: """
      The examples are in the folder --data, in the hub's layout (mrpc/train-00000-of-00001.parquet) or the original one \
      (SST-2/train.tsv); without it they are fetched from the hub. Left out, --lr is 2e-5 and --batch 32. Tasks: \
      \(GLUETask.all.map(\.name).joined(separator: ", ")).

      EXAMPLES
        ds train glue --task mrpc --model bert-base-uncased --epochs 3 --output OUT
        ds train glue --task sst2 --data glue --model all-MiniLM-L6-v2 --lora-rank 8 --lr 5e-4 --output OUT
      """)

  @Option(help: "The task, such as mrpc.")
  var task: String

  @Option(help: ArgumentHelp("The folder with the task's files.", valueName: "dir"))
  var data: String?

  @OptionGroup var encoder: EncoderOptions
  @OptionGroup var options: TrainingOptions
  @OptionGroup var adapter: AdapterOptions
  @OptionGroup var json: JSONOutput

  func run() throws {
    let glue = try data.map { try ds.datasets.loadGLUE(task, from: $0) } ?? ds.datasets.loadGLUE(task)
    let bare = try AutoModel.fromPretrained(encoder.folder)
    let rate = options.learningRate ?? 2e-5
    let classifier = try RandomGenerator.withSeed(options.seed) {
      try AutoModelForSequenceClassification.attached(to: bare, labels: glue.classLabels)
    }
    let adapters = try adapter.adapters(on: classifier, seed: options.seed)
    let trainer = try Trainer(
      classifier: classifier, glue, lr: rate, batchSize: options.batchSize ?? 32, maximumLength: encoder.maximumLength,
      arguments: options.arguments(learningRate: rate, checkpoints: adapter.checkpoints(options.output)))
    let record = try options.train(trainer, unit: "examples", json: json)
    try adapters?.save(trainedFrom: encoder.model, to: options.output, .sequenceClassification)
    try json.write(.object(record.result(output: options.output)))
  }
}
