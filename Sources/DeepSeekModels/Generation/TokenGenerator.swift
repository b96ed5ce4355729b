import DeepSeekOperators
import DeepSeekTensor

/// Why a text ended.
public enum FinishReason: String, Sendable, Hashable {
  /// With a token that ends texts.
  case endToken = "end_token"
  /// With a stop string.
  case stopString = "stop_string"
  /// There were as many tokens as were asked for, or as the model takes.
  case length
}

/// Continues prompts token by token, greedily or by sampling.
///
/// ```swift
/// let generator = try TokenGenerator(model, prompts: [ids], options: options)
/// while case let step = generator.next(), !step.isEmpty { print(step[0].token) }
/// ```
public final class TokenGenerator {
  /// A token that was generated.
  public struct Step: Sendable, Hashable {
    /// The number of the prompt that it continues.
    public let prompt: Int
    /// The token; one that ends texts too.
    public let token: Int
    /// Its logit, as the model gave it.
    public let logit: Float
  }

  /// Why each text ended; `nil` while it goes on.
  public private(set) var finishReasons: [FinishReason?]
  private let options: GenerationOptions
  private let endTokenIDs: Set<Int>
  private let processors: [any LogitsProcessor]
  private let promptCounts: [Int]
  private let maximumLength: Int
  private var batch: DecodingBatch
  /// The prompt's number of each row of the batch.
  private var prompts: [Int]

  /// Checks the prompts and options; the model runs when tokens are asked for.
  public init(_ model: any CausalLanguageModel, prompts: [[Int]], options: GenerationOptions = GenerationOptions())
    throws
  {
    if let problem = options.problem { throw problem }
    try TokenGenerator.check(prompts, model, options)
    self.options = options
    let ends = options.endTokenIDs ?? model.endTokenIDs
    endTokenIDs = Set(ends)
    processors = options.processors(endTokenIDs: ends)
    promptCounts = prompts.map(\.count)
    maximumLength = options.longestText(model.maximumLength)
    let longest = promptCounts.max() ?? 0
    let room = Swift.min(options.maximumNewTokens, maximumLength - longest)
    batch = DecodingBatch(model, prompts, newTokens: room, usesCache: options.usesCache)
    self.prompts = Array(prompts.indices)
    finishReasons = Array(repeating: nil, count: prompts.count)
  }

  static func check(_ prompts: [[Int]], _ model: any CausalLanguageModel, _ options: GenerationOptions) throws {
    let vocabulary = model.configuration.vocabularySize
    let maximum = options.longestText(model.maximumLength)
    for (number, prompt) in prompts.enumerated() {
      if prompt.isEmpty { throw GenerationError.emptyPrompt(number: number) }
      if prompt.count >= maximum {
        throw GenerationError.promptTooLong(number: number, tokens: prompt.count, maximum: maximum)
      }
      if let token = prompt.first(where: { !(0..<vocabulary).contains($0) }) {
        throw GenerationError.unknownToken(number: number, token: token, vocabulary: vocabulary)
      }
    }
  }

  /// The next token of each text that goes on; none when all have ended.
  public func next() -> [Step] {
    let going = prompts.indices.filter { finishReasons[prompts[$0]] == nil }
    if going.isEmpty { return [] }
    batch.keep(going)
    prompts = going.map { prompts[$0] }
    let steps = choose(batch.logits())
    batch.append(steps.map(\.token))
    for (row, step) in steps.enumerated() {
      let (prompt, token) = (step.prompt, step.token)
      if endTokenIDs.contains(token) {
        finishReasons[prompt] = .endToken
      } else if batch.rows[row].count - promptCounts[prompt] >= options.maximumNewTokens
        || batch.rows[row].count >= maximumLength
      {
        finishReasons[prompt] = .length
      }
    }
    return steps
  }

  /// Ends a text because a stop string was found in it.
  public func stop(prompt: Int) { finishReasons[prompt] = .stopString }

  private func choose(_ logits: Tensor) -> [Step] {
    let width = logits.shape[1]
    let values = logits.array(of: Float.self)
    return prompts.indices.map { row in
      var scores = Array(values[row * width..<(row + 1) * width])
      let (prompt, ids) = (prompts[row], batch.rows[row])
      let history = TokenHistory(ids, promptCount: promptCounts[prompt])
      for processor in processors { processor.process(&scores, history) }
      let token =
        options.samples ? sample(scores, prompt, step: history.newCount) : TokenGenerator.largest(scores)
      return Step(prompt: prompt, token: token, logit: values[row * width + token])
    }
  }

  /// The key depends on the text's number and place alone, not on which texts are still running beside it.
  private func sample(_ scores: [Float], _ prompt: Int, step: Int) -> Int {
    let key = RandomGenerator.key(seed: options.seed, stream: UInt64(prompt) << 32 | UInt64(step))
    return Tensor([scores.count], scores).randomCategorical(key: key).item(as: Int.self)
  }

  /// The first of the largest.
  static func largest(_ scores: [Float]) -> Int {
    var best = 0
    for index in scores.indices where scores[index] > scores[best] { best = index }
    return best
  }
}
