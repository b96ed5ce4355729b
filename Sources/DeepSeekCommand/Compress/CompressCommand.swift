import ArgumentParser
import DeepSeekCheckpoints
import DeepSeekCompression
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTraining
import Foundation

/// `ds compress`: a classifier cut, taught and quantized.
struct CompressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compress",
    abstract: "Make a fine-tuned classifier much smaller: pruned, taught by what it was, quantized.",
    discussion: """
      MODEL is a classifier's folder, as 'ds train classify' writes it, of BERT's, RoBERTa's or DistilBERT's kin; weights of \
      other models, decoders among them, are kept in few bits by 'ds quantize'. Heads and neurons are cut out in rounds; after each \
      the model learns from the one that it was; what is left is kept in few bits. A table tells size, time for one example \
      and accuracy after each step; OUT/compression.svg draws it. The command fails, with the model written all the same, \
      when more accuracy was lost than --max-loss allows.

      EXAMPLES
        ds train classify --model all-MiniLM-L6-v2 --train train.tsv --eval eval.tsv --output runs/reviews
        ds compress runs/reviews --train train.tsv --eval eval.tsv --target-size 15% --max-loss 1% -o small
      """)

  @Argument(help: "The classifier's folder.")
  var model: String

  @Option(help: ArgumentHelp("The examples to learn from.", valueName: "tsv"))
  var train: String

  @Option(name: .customLong("eval"), help: ArgumentHelp("The examples to judge by.", valueName: "tsv"))
  var evaluation: String

  @Option(
    name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var output: String

  @Option(name: .customLong("target-size"), help: "The share of the weights' bytes that may be left.")
  var targetSize = Share(argument: "15%")!

  @Option(name: .customLong("max-loss"), help: "The share of the accuracy that may be lost.")
  var maximumLoss = Share(argument: "1%")!

  @Option(help: "In how many rounds heads and neurons are cut out.")
  var rounds = 3

  @Option(help: "Passes over the examples after each round.")
  var epochs = 2

  @Option(name: .customLong("lr"), help: "The highest learning rate.")
  var learningRate = 5e-5

  @Option(name: .customLong("batch"), help: "Examples in a step.")
  var batchSize = 32

  @Option(name: .customLong("max-length"), help: "The longest sequence, in tokens.")
  var maximumLength = 128

  @Option(help: "Bits of a weight: 8 or 4.")
  var bits = 8

  @Option(name: .customLong("embedding-bits"), help: "Bits of tables of embeddings: 8 or 4.")
  var embeddingBits = 4

  @Option(help: "What all randomness follows from.")
  var seed: UInt64 = 42

  @OptionGroup var json: JSONOutput

  func validate() throws {
    if rounds < 1 || epochs < 1 || batchSize < 1 || maximumLength < 3 {
      throw ValidationError("--rounds, --epochs and --batch must be at least 1, --max-length at least 3.")
    }
    if !(learningRate > 0 && learningRate.isFinite) { throw ValidationError("--lr must be above 0 and finite.") }
    do { try settings().quantization.validate() } catch { throw ValidationError(error.description) }
  }

  private func settings() -> CompressionSettings {
    var recipe = ClassificationRecipe()
    recipe.epochs = epochs
    recipe.batchSize = batchSize
    recipe.learningRate = learningRate
    recipe.maximumLength = maximumLength
    recipe.warmupRatio = 0.1
    recipe.seed = seed
    var settings = CompressionSettings(recipe: recipe)
    settings.targetShare = targetSize.value
    settings.maximumLoss = maximumLoss.value
    settings.rounds = rounds
    settings.quantization.weightBits = bits
    if bits == 4 { settings.quantization.granularity = .group(32) }
    settings.quantization.embeddingBits = embeddingBits
    return settings
  }

  func run() throws {
    let folder = URL(fileURLWithPath: model, isDirectory: true)
    let compression = try ClassifierCompression(
      from: folder, training: LabelledTexts(contentsOfTSV: train), judging: LabelledTexts(contentsOfTSV: evaluation),
      settings: settings())
    var steps: [CompressionStep] = []
    var failure: (any Error)?
    do {
      try compression.run { step in
        steps.append(step)
        if !json.ownsStandardOutput { Console.result(CompressionTable.row(step, of: steps[0])) }
      }
    } catch let error as QuantizationError where compression.model.isQuantized {
      failure = error
    }
    try compression.model.save(to: output, tokenizerFrom: folder)
    try AtomicFile.write(Array(CompressionChart(steps).svg.utf8), to: output + "/compression.svg")
    try json.write([
      "steps": .array(steps.map { CompressionTable.json($0, of: steps[0]) }), "output": .string(output),
      "within_budget": .bool(failure == nil),
    ])
    if let failure { throw failure }
  }
}
