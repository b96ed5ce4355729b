import DeepSeekCheckpoints
public import DeepSeekTokenizers
import Foundation

/// A text that was generated.
public struct GeneratedText: Sendable, Hashable {
  /// The prompt.
  public let prompt: String
  /// Its tokens.
  public let promptIDs: [Int]
  /// The generated tokens, the one that ended the text included.
  public let ids: [Int]
  /// Their logits, as the model gave them; none of a beam search.
  public let logits: [Float]
  /// What the generated tokens say, without special tokens, up to a stop string.
  public let text: String
  /// Why it ended.
  public let finishReason: FinishReason
}

/// Continues texts: a causal language model and its tokenizer.
///
/// ```swift
/// let generator = try TextGenerator.fromPretrained("SmolLM2-135M")
/// for try await piece in generator.stream("The capital of France is") { print(piece, terminator: "") }
/// ```
public final class TextGenerator: Sendable {
  /// The model.
  public let model: any CausalLanguageModel
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The options that apply when none are given: the model folder's own.
  public let options: GenerationOptions

  /// How the model wants conversations written; `nil` where it does not say.
  public let chat: ChatFormat?

  /// Of these parts.
  public init(
    model: any CausalLanguageModel, tokenizer: Tokenizer, options: GenerationOptions = GenerationOptions(),
    chat: ChatFormat? = nil
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.options = options
    self.chat = chat
  }

  /// The model in a folder, of an id (see ``ModelSource``), or in a GGUF file; options from `generation_config.json`.
  public static func fromPretrained(_ pathOrID: String) throws -> TextGenerator {
    let model = try AutoModelForCausalLM.fromPretrained(pathOrID)
    let folder = model.configuration.origin?.folder
    return TextGenerator(
      model: model, tokenizer: try AutoTokenizer.fromPretrained(folder?.path ?? pathOrID),
      options: try folder.map { try GenerationOptions(contentsOf: $0) } ?? GenerationOptions(),
      chat: try ChatFormat.fromPretrained(folder?.path ?? pathOrID))
  }

  /// Continues prompts, all at once. `onText` gets each piece of text as soon as its characters are whole, and the number of
  /// the prompt that it continues; in a beam search all at the end. What it answers is whether to go on.
  ///
  /// The tokenizer adds its special tokens unless `addsSpecialTokens` is false, as for a prompt that ``chat`` wrote: that has
  /// them already.
  public func generate(
    _ prompts: [String], options: GenerationOptions? = nil, addsSpecialTokens: Bool = true,
    onText: ((_ prompt: Int, _ text: String) -> Bool)? = nil
  ) throws -> [GeneratedText] {
    let options = options ?? self.options
    let promptIDs = try prompts.enumerated().map { try encode($1, number: $0, addsSpecialTokens) }
    if options.beamCount > 1 {
      let found = try BeamSearch(model, prompts: promptIDs, options: options).run()
      return try found.enumerated().map { number, result in
        var text = RowText(tokenizer, after: promptIDs[number], stops: [])
        let whole = try result.ids.map { try text.append($0, 0) }.joined() + text.finish()
        _ = onText?(number, whole)
        return GeneratedText(
          prompt: prompts[number], promptIDs: promptIDs[number], ids: result.ids, logits: [], text: whole,
          finishReason: result.reason)
      }
    }
    let generator = try TokenGenerator(model, prompts: promptIDs, options: options)
    var rows = promptIDs.map { RowText(tokenizer, after: $0, stops: options.stopStrings) }
    var isGoing = true
    func tell(_ prompt: Int, _ piece: String) {
      if !piece.isEmpty, let onText { isGoing = onText(prompt, piece) && isGoing }
    }
    while isGoing {
      let steps = generator.next()
      if steps.isEmpty { break }
      for step in steps {
        tell(step.prompt, try rows[step.prompt].append(step.token, step.logit))
        if rows[step.prompt].isStopped { generator.stop(prompt: step.prompt) }
      }
    }
    return try rows.indices.map { number in
      tell(number, try rows[number].finish())
      return GeneratedText(
        prompt: prompts[number], promptIDs: promptIDs[number], ids: rows[number].ids, logits: rows[number].logits,
        text: rows[number].text,
        finishReason: rows[number].isStopped ? .stopString : generator.finishReasons[number] ?? .length)
    }
  }

  /// The continuation of a prompt, piece by piece. Generation runs in a task of its own, which ends with the stream.
  public func stream(
    _ prompt: String, options: GenerationOptions? = nil, addsSpecialTokens: Bool = true
  ) -> AsyncThrowingStream<String, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task.detached {
        do {
          _ = try self.generate([prompt], options: options, addsSpecialTokens: addsSpecialTokens) { _, piece in
            continuation.yield(piece)
            return !Task.isCancelled
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  private func encode(_ prompt: String, number: Int, _ addsSpecialTokens: Bool) throws -> [Int] {
    let ids = try tokenizer.encode(prompt, addSpecialTokens: addsSpecialTokens).ids
    if !ids.isEmpty { return ids }
    guard let first = model.beginTokenID else { throw GenerationError.emptyPrompt(number: number) }
    return [first]
  }
}

/// The text of one prompt's tokens as they arrive.
private struct RowText {
  private(set) var ids: [Int] = []
  private(set) var logits: [Float] = []
  private(set) var text = ""
  private var stream: DecodeStream
  private var filter: StopStringFilter

  /// How many of the prompt's tokens decide how the first generated one reads.
  private static let contextCount = 4

  init(_ tokenizer: Tokenizer, after prompt: [Int], stops: [String]) {
    var stream = tokenizer.decodeStream()
    for id in prompt.suffix(RowText.contextCount) { _ = try? stream.append(id) }
    self.stream = stream
    filter = StopStringFilter(stops)
  }

  var isStopped: Bool { filter.isStopped }

  mutating func append(_ id: Int, _ logit: Float) throws -> String {
    ids.append(id)
    logits.append(logit)
    guard let piece = try stream.append(id) else { return "" }
    return take(filter.append(piece))
  }

  mutating func finish() throws -> String { take(filter.append(try stream.finish()) + filter.finish()) }

  private mutating func take(_ piece: String) -> String {
    text += piece
    return piece
  }
}
