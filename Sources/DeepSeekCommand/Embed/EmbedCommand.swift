import ArgumentParser
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekModels
import DeepSeekTraining
import Foundation

/// `ds embed`: sentence embeddings from a real checkpoint.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Embed sentences with a model in Hugging Face's layout.",
    discussion: """
      The model folder holds config.json, model.safetensors and tokenizer.json, and the sentence-transformers files that \
      say how states are pooled; without them the mean is taken. An id of a hub is fetched when it is not here. Families: \
      \(AutoModel.supportedTypes.joined(separator: ", ")).

      EXAMPLES
        ds embed --model all-MiniLM-L6-v2 "A man is eating food."
        ds embed --model all-MiniLM-L6-v2 --input lines.txt --json embeddings.json
        ds embed --model all-MiniLM-L6-v2 --input lines.txt --precision bfloat16 --json embeddings.json
      """)

  @Option(help: ArgumentHelp("The model's folder or id.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("An adapter's folder, as `ds train` or peft wrote it.", valueName: "dir"))
  var adapter: String?

  @Option(help: ArgumentHelp("A text file with a sentence on each line; - for standard input.", valueName: "file"))
  var input: String?

  @Option(name: .customLong("batch"), help: "Sentences that run together.")
  var batchSize = 32

  @Option(help: "In which type products run: float32, or bfloat16, in a program that is compiled first.")
  var precision = CompileOptions.Precision.float32

  @OptionGroup var json: JSONOutput

  @Argument(help: "Sentences.")
  var texts: [String] = []

  func validate() throws {
    if texts.isEmpty == (input == nil) { throw ValidationError("Give either sentences or --input FILE.") }
    if batchSize < 1 { throw ValidationError("--batch must be at least 1.") }
    if precision != .float32 && adapter != nil { throw ValidationError("--precision goes with no --adapter.") }
  }

  func run() throws {
    let sentences = try input.map(Lines.read) ?? texts
    let isCompiled = precision != .float32
    let encoder = try SentenceEncoder(
      contentsOf: ModelSource(model).folder(), isCompiled: isCompiled, options: CompileOptions(precision: precision))
    if isCompiled && encoder.program == nil {
      throw CommandError("\(model): \(encoder.model.architecture) takes no packed texts; embed without --precision")
    }
    if let adapter { try encoder.model.merge(adapterIn: adapter) }
    var bar = ProgressBar()
    let results = try encoder.embed(sentences, batchSize: batchSize) { done in
      bar.show(done, of: sentences.count, "sentences")
    }
    bar.finish()
    if !json.ownsStandardOutput {
      for result in results {
        let numbers = result.embedding.map { String($0) }.joined(separator: " ")
        Console.result("\(result.text)\t\(numbers)")
      }
    }
    try json.write(
      .array(
        results.map { result in
          [
            "text": .string(result.text),
            "ids": .array(result.ids.map { .integer($0) }),
            "embedding": .array(result.embedding.map { .double(Double($0)) }),
          ]
        }))
  }
}
