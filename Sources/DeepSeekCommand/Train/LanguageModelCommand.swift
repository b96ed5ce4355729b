import ArgumentParser
import DeepSeekDynamic
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTensor
import DeepSeekTraining
import Foundation

/// `ds train lm`: trains a causal language model on text.
struct LanguageModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lm",
    abstract: "Train a causal language model on text.",
    discussion: """
      The texts are a text file, or the column 'text' of a .jsonl, .parquet or .csv file; their tokens, one after another, \
      are cut into blocks. The loss is that of the next token. Left out, --lr is 5e-5 and --batch 8. With --lora-rank, \
      --output gets the adapter, as peft reads it. Families: \
      \(AutoModelForCausalLM.supportedTypes.joined(separator: ", ")).

      EXAMPLES
        ds train lm --model gpt2 --train train.txt --eval eval.txt --block 128 --epochs 1 --output OUT
        ds train lm --model FOLDER --fresh --train train.txt --lr 1e-3 --batch 16 --output OUT
        ds train lm --model SmolLM2-135M --train train.jsonl --lora-rank 8 --lr 2e-4 --output ADAPTER
      """)

  @Option(help: ArgumentHelp("The model to start from: its folder or id.", valueName: "model"))
  var model: String

  @Flag(help: "Begin with fresh weights of the model's sizes, in place of its own.")
  var fresh = false

  @Option(help: ArgumentHelp("The texts to learn from.", valueName: "file"))
  var train: String

  @Option(name: .customLong("eval"), help: ArgumentHelp("The texts to judge by.", valueName: "file"))
  var evaluation: String?

  @Option(help: ArgumentHelp("Tokens in a block.", valueName: "count"))
  var block = 128

  @OptionGroup var options: TrainingOptions
  @OptionGroup var adapter: AdapterOptions
  @OptionGroup var json: JSONOutput

  func validate() throws {
    if block < 2 { throw ValidationError("--block must be at least 2.") }
    if fresh && adapter.loraRank != nil {
      throw ValidationError("--fresh goes without --lora-rank: an adapter needs a model.")
    }
  }

  func run() throws {
    let folder = try ModelSource(model).folder()
    let model = try RandomGenerator.withSeed(options.seed) {
      fresh ? try AutoModelForCausalLM.fromConfiguration(folder) : try AutoModelForCausalLM.fromPretrained(folder)
    }
    guard block <= model.maximumLength else {
      throw CommandError("--block \(block): the model takes sequences of at most \(model.maximumLength) tokens")
    }
    let blocks = try blocks(train, folder, model)
    let judged = try evaluation.map { try self.blocks($0, folder, model) }
    Console.note("\(blocks.count) blocks of \(block) tokens")
    let adapters = try adapter.adapters(on: model, seed: options.seed)
    let training = LanguageModelTraining(
      model, blocks, evaluatingOn: judged, batchSize: options.batchSize ?? 8,
      arguments: options.arguments(learningRate: 5e-5, checkpoints: adapter.checkpoints(options.output)))
    training.addFiles(tokenizerFrom: folder)
    let record = try options.train(training.trainer, unit: "tokens", json: json)
    try adapters?.save(trainedFrom: self.model, to: options.output, .causalLanguageModelling)
    var result = record.result(output: options.output)
    result["tokens_per_second"] = .double(record.rate)
    result["order"] = .array(
      try (0..<options.epochs).flatMap { try training.order(epoch: $0) }.prefix(record.step)
        .map { .array($0.map { .integer($0) }) })
    try json.write(.object(result))
  }

  private func blocks(_ path: String, _ folder: URL, _ model: any CausalLanguageModel) throws -> TokenBlocks {
    let documents = try TokenBlocks.documents(contentsOf: path)
    do {
      // A text alone needs no mark behind it.
      return try TokenBlocks(
        documents, AutoTokenizer.load(contentsOf: folder), length: block,
        separator: documents.count > 1 ? model.endTokenIDs.first : nil)
    } catch let error as TrainingError {
      throw CommandError("\(path): \(error.description)")
    }
  }
}
