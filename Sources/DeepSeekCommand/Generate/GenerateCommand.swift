import ArgumentParser
import DeepSeekJSON
import DeepSeekModels
import Foundation

/// `ds generate`: texts continued by a causal language model.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue texts with a causal language model.",
    discussion: """
      The model is a folder in Hugging Face's layout (config.json, model.safetensors, tokenizer.json), an id in its local \
      cache, or a GGUF file. Families: \(AutoModelForCausalLM.supportedTypes.joined(separator: ", ")). Options that are not \
      given come from the folder's generation_config.json; what that does not say is as in Hugging Face's libraries: 20 new \
      tokens, the likeliest each time, or when sampling among the 50 likeliest. Any of \
      --temperature, --top-k, --top-p, --min-p and --seed asks for sampling.

      EXAMPLES
        ds generate --model SmolLM2-135M-Instruct.Q4_1.gguf "The capital of France is"
        ds generate --model gpt2 --max-new-tokens 64 --temperature 0.8 --top-p 0.95 --seed 7 "Once upon a time"
        ds generate --model gpt2 --input prompts.txt --greedy --stop "." --json texts.json
        ds generate --model SmolLM2-135M-Instruct.Q4_1.gguf --chat --system "Be brief." "What is gravity?"
      """)

  @Option(help: ArgumentHelp("The model's folder, id or GGUF file.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("An adapter's folder, as `ds train lm` or peft wrote it.", valueName: "dir"))
  var adapter: String?

  @Option(help: ArgumentHelp("A text file with a prompt on each line; - for standard input.", valueName: "file"))
  var input: String?

  @Flag(
    help: "Each prompt is what a user says: it is put into the model's chat template, and the answer alone is shown.")
  var chat = false

  @Option(help: ArgumentHelp("What the system says before the user; with --chat.", valueName: "text"))
  var system: String?

  @Option(help: ArgumentHelp("The most tokens that are generated for a prompt.", valueName: "count"))
  var maxNewTokens: Int?

  @Option(help: ArgumentHelp("No text ends before so many tokens.", valueName: "count"))
  var minNewTokens: Int?

  @Flag(help: "Take the likeliest token each time, whatever the model's own options say.")
  var greedy = false

  @Option(help: "Divides the logits before sampling: below 1 sharpens, above 1 flattens.")
  var temperature: Double?

  @Option(help: ArgumentHelp("Sample among so many of the likeliest tokens; 0 for all.", valueName: "count"))
  var topK: Int?

  @Option(help: ArgumentHelp("Sample among the fewest tokens whose probabilities add up to this.", valueName: "part"))
  var topP: Double?

  @Option(
    help: ArgumentHelp("Sample among tokens at least this likely, compared with the likeliest.", valueName: "part"))
  var minP: Double?

  @Option(help: "Divides the logits of tokens that are there already; 1 for none.")
  var repetitionPenalty: Double?

  @Option(help: "What sampling begins with: the same seed gives the same tokens.")
  var seed: UInt64?

  @Option(help: ArgumentHelp("Beams of a beam search.", valueName: "count"))
  var beams: Int?

  @Option(
    help: ArgumentHelp("A text that ends a text, itself left out; may be given several times.", valueName: "text"))
  var stop: [String] = []

  @Option(name: .customLong("batch"), help: "Prompts that run together.")
  var batchSize = 8

  @OptionGroup var json: JSONOutput

  @Argument(help: "Prompts.")
  var prompts: [String] = []

  func validate() throws {
    if prompts.isEmpty == (input == nil) { throw ValidationError("Give either prompts or --input FILE.") }
    if batchSize < 1 { throw ValidationError("--batch must be at least 1.") }
    if topK.map({ $0 < 0 }) == true { throw ValidationError("--top-k must not be negative.") }
    if system != nil && !chat { throw ValidationError("--system goes with --chat.") }
    if greedy && asksForSampling { throw ValidationError("--greedy goes with no option of sampling.") }
  }

  private var asksForSampling: Bool {
    temperature != nil || topK != nil || topP != nil || minP != nil || seed != nil
  }

  /// The model's own options with those of the command line over them.
  private func options(over given: GenerationOptions) throws -> GenerationOptions {
    var options = given
    if let maxNewTokens {
      options.maximumLength = nil
      options.maximumNewTokens = maxNewTokens
      options.minimumNewTokens = min(options.minimumNewTokens, maxNewTokens)
    }
    if let minNewTokens { options.minimumNewTokens = minNewTokens }
    if greedy || beams.map({ $0 > 1 }) == true { options.samples = false }
    if greedy && beams == nil { options.beamCount = 1 }
    if asksForSampling {
      options.samples = true
      if beams == nil { options.beamCount = 1 }
    }
    if let temperature { options.temperature = temperature }
    if let topK { options.topK = topK == 0 ? nil : topK }
    if let topP { options.topP = topP }
    if let minP { options.minP = minP }
    if let repetitionPenalty { options.repetitionPenalty = repetitionPenalty }
    if let seed { options.seed = seed }
    if let beams { options.beamCount = beams }
    options.stopStrings += stop
    if let problem = options.problem { throw problem }
    return options
  }

  /// The prompt in which a user says so.
  private func conversation(_ text: String, _ generator: TextGenerator) throws -> String {
    guard let format = generator.chat else { throw CommandError("\(model): the model has no chat template") }
    var messages: [JSONValue] = [["role": "user", "content": .string(text)]]
    if let system { messages.insert(["role": "system", "content": .string(system)], at: 0) }
    return try format.prompt(for: messages)
  }

  func run() throws {
    let generator = try TextGenerator.fromPretrained(model)
    let texts = try (input.map(Lines.read) ?? prompts).map { chat ? try conversation($0, generator) : $0 }
    if let adapter { try generator.model.merge(adapterIn: adapter) }
    let options = try options(over: generator.options)
    // One text at a time can be shown as it is made.
    let streams = texts.count == 1 && !json.ownsStandardOutput
    var meter = GenerationMeter()
    var results: [GeneratedText] = []
    if streams && !chat { Console.piece(texts[0]) }
    var start = 0
    while start < texts.count {
      let batch = Array(texts[start..<min(start + batchSize, texts.count)])
      let found = try meter.measure {
        try generator.generate(batch, options: options, addsSpecialTokens: !chat) { _, piece in
          if streams { Console.piece(piece) }
          return true
        }
      }
      results += found
      if !json.ownsStandardOutput {
        for result in found { Console.result(streams ? "" : (chat ? "" : result.prompt) + result.text) }
      }
      start += batch.count
    }
    Console.note(meter.line)
    try json.write(
      .array(
        results.map { result in
          [
            "prompt": .string(result.prompt),
            "prompt_ids": .array(result.promptIDs.map { .integer($0) }),
            "ids": .array(result.ids.map { .integer($0) }),
            "logits": .array(result.logits.map { .double(Double($0)) }),
            "text": .string(result.text),
            "finish_reason": .string(result.finishReason.rawValue),
          ]
        }))
  }
}

/// How fast texts are generated.
private struct GenerationMeter {
  private var seconds = 0.0
  private var tokens = 0

  mutating func measure(_ body: () throws -> [GeneratedText]) throws -> [GeneratedText] {
    var found: [GeneratedText] = []
    seconds += try Stopwatch.time { found = try body() }
    tokens += found.reduce(0) { $0 + $1.ids.count }
    return found
  }

  /// Prompts are read in this time too.
  var line: String {
    let rate = String(format: "%.1f", Double(tokens) / max(seconds, 1e-9))
    return "\(tokens) tokens in \(String(format: "%.2f", seconds)) s, \(rate) tokens/s"
  }
}
