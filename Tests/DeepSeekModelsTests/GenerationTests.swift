@testable import DeepSeekModels
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import TestSupport
import Testing

private struct Processing: Decodable {
  struct Case: Decodable {
    let name: String
    let scores: [[Float?]]
  }

  let scores: [[Float]]
  let history: [[Int]]
  let cases: [Case]
}

/// Runs a generator to its end.
private func run(
  _ model: any CausalLanguageModel, _ prompts: [[Int]], _ options: GenerationOptions
) throws -> (ids: [[Int]], reasons: [FinishReason?]) {
  let generator = try TokenGenerator(model, prompts: prompts, options: options)
  var ids = Array(repeating: [Int](), count: prompts.count)
  while true {
    let steps = generator.next()
    if steps.isEmpty { return (ids, generator.finishReasons) }
    for step in steps { ids[step.prompt].append(step.token) }
  }
}

/// A row that transformers generated, up to the token that ended it; padding follows there.
private func ended(_ row: [Int], _ ends: Set<Int>) -> [Int] {
  guard let end = row.firstIndex(where: ends.contains) else { return row }
  return Array(row[...end])
}

@Suite("Generation")
struct GenerationTests {
  private static let ends = [2, 5]

  /// The fixture's prompts, of which the second is short, and greedy options.
  private func prompts(_ fixture: DecoderFixture) throws -> [[Int]] {
    let rows = try fixture.rows(fixture.ids())
    return [rows[0], Array(rows[1].dropFirst(3))]
  }

  private func options(_ count: Int) -> GenerationOptions {
    var options = GenerationOptions()
    options.maximumNewTokens = count
    options.endTokenIDs = GenerationTests.ends
    return options
  }

  @Test(
    "Greedy search takes the tokens that transformers takes, with a cache and without", arguments: DecoderFixture.names)
  func greedy(name: String) throws {
    let fixture = try DecoderFixture(name)
    let prompts = try prompts(fixture)
    let expected = try fixture.rows("greedy").map { ended($0, Set(GenerationTests.ends)) }
    // The scaled model's length ends before transformers, which only warns, does.
    let room = Swift.min(12, fixture.model.maximumLength - 9)
    var options = options(room)
    let cached = try run(fixture.model, prompts, options)
    for (row, ids) in cached.ids.enumerated() {
      #expect(ids == Array(expected[row].prefix(room)), "\(name) \(row)")
      #expect(cached.reasons[row] == (ids.last.map(GenerationTests.ends.contains) == true ? .endToken : .length))
    }
    // Where angles depend on the length, keys in the cache have those of an earlier one, here as in transformers.
    if name == "llama_dynamic" { return }
    options.usesCache = false
    #expect(try run(fixture.model, prompts, options).ids == cached.ids, "\(name)")
    // Alone, without padding, each prompt goes the same way.
    for (row, prompt) in prompts.enumerated() {
      #expect(try run(fixture.model, [prompt], options).ids[0] == cached.ids[row], "\(name) \(row)")
    }
  }

  @Test("A beam search finds the texts that transformers finds", arguments: ["gpt2", "llama", "mistral", "qwen2"])
  func beams(name: String) throws {
    let fixture = try DecoderFixture(name)
    var options = options(8)
    options.beamCount = 3
    let found = try BeamSearch(fixture.model, prompts: prompts(fixture), options: options).run()
    let expected = try fixture.rows("beams").map { ended($0, Set(GenerationTests.ends)) }
    for (row, result) in found.enumerated() {
      // Rows are filled up to the longest with the padding 0.
      #expect(result.ids == Array(expected[row].prefix(result.ids.count)), "\(name) \(row)")
      #expect(expected[row].dropFirst(result.ids.count).allSatisfy { $0 == 0 }, "\(name) \(row)")
    }
  }

  @Test("A cache grows past its first capacity, and repeats rows when they are selected")
  func cache() throws {
    let fixture = try DecoderFixture("mistral")
    let ids = try fixture.ids()
    let cache = KeyValueCache(layerCount: fixture.model.layerCount, capacity: 2)
    let whole = noGradient { fixture.model(ids).array(of: Float.self) }
    noGradient {
      var states: [Tensor] = []
      for range in [0..<1, 1..<4, 4..<5, 5..<9] {
        states.append(
          fixture.model.hiddenStates(ids.sliced(1, range), attentionMask: nil, positions: nil, cache: cache))
      }
      #expect(cache.length == 9)
      let logits = fixture.model.logits(Tensor.concatenate(states, axis: 1)).array(of: Float.self)
      #expect(zip(logits, whole).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    cache.select(rows: [1, 1, 0])
    let next = Tensor([3, 1], [Int64](repeating: 7, count: 3))
    let states = noGradient {
      fixture.model.hiddenStates(next, attentionMask: nil, positions: nil, cache: cache).array(of: Float.self)
    }
    #expect(states[0..<16] == states[16..<32])
    #expect(states[0..<16] != states[32..<48])
  }

  @Test("Logits are changed as by transformers' processors")
  func processors() throws {
    let path = Bundle.module.bundleURL.appendingPathComponent("Fixtures/decoders/processors.json")
    let stored = try JSONDecoder().decode(Processing.self, from: Data(contentsOf: path))
    for entry in stored.cases {
      var options = GenerationOptions()
      options.samples = true
      let value = Double(entry.name.split(separator: " ").last!) ?? 0
      var promptCount = 3
      switch entry.name.split(separator: " ")[0] {
      case "temperature": options.temperature = value
      case "topK": options.topK = Int(value)
      case "topP": options.topP = value
      case "minP": options.minP = value
      case "repetitionPenalty": options.repetitionPenalty = value
      case "minimum": options.minimumNewTokens = Int(value)
      case "minimumLength": options.minimumLength = Int(value)
      case "distinct": options.distinctRunLength = Int(value)
      case "forbidden": options.forbiddenRuns = [[5], [3], [4, 6], [2, 8, 9], [0, 2, 11]]
      case "suppressed": options.suppressedTokens = [3, 17]
      case "first": (options.suppressedFirstTokens, promptCount) = ([3, 17], Int(value))
      default:
        (options.repetitionPenalty, options.temperature, options.topK) = (1.2, 0.8, 10)
        (options.topP, options.minP) = (0.9, 0.05)
      }
      for (row, scores) in stored.scores.enumerated() {
        var result = scores
        let history = TokenHistory(stored.history[row], promptCount: promptCount)
        for processor in options.processors(endTokenIDs: GenerationTests.ends) { processor.process(&result, history) }
        for (found, wanted) in zip(result, entry.scores[row]) {
          if let wanted {
            #expect(abs(found - wanted) < 1e-5, "\(entry.name)")
          } else {
            #expect(found == -.infinity, "\(entry.name)")
          }
        }
      }
    }
  }

  @Test("Sampling repeats with its seed, whatever runs beside it, and differs with another")
  func sampling() throws {
    let fixture = try DecoderFixture("llama")
    let prompts = try prompts(fixture)
    var options = options(10)
    options.samples = true
    options.temperature = 1.5
    options.topK = 20
    options.endTokenIDs = []
    let first = try run(fixture.model, prompts, options).ids
    #expect(try run(fixture.model, prompts, options).ids == first)
    #expect(try run(fixture.model, [prompts[0]], options).ids[0] == first[0])
    options.seed = 1
    #expect(try run(fixture.model, prompts, options).ids != first)
  }

  @Test("No text ends before the fewest tokens, and none goes on beyond the model's length")
  func lengths() throws {
    let fixture = try DecoderFixture("gpt2")
    let prompt = try prompts(fixture)[0]
    var options = options(100)
    options.endTokenIDs = Array(0..<48)
    options.minimumNewTokens = 0
    #expect(try run(fixture.model, [prompt], options).ids[0].count == 1)
    options.endTokenIDs = Array(0..<47)
    options.minimumNewTokens = 4
    #expect(try run(fixture.model, [prompt], options).ids[0].prefix(4) == [47, 47, 47, 47])
    options.endTokenIDs = []
    let (ids, reasons) = try run(fixture.model, [prompt], options)
    #expect(ids[0].count == 32 - 9 && reasons == [.length])
  }

  @Test("A folder's options are those of transformers, what it does not say included")
  func folders() throws {
    func options(_ text: String?) throws -> GenerationOptions {
      let folder = try TemporaryFolder()
      if let text { try text.write(toFile: folder.file("generation_config.json"), atomically: true, encoding: .utf8) }
      return try GenerationOptions(contentsOf: URL(fileURLWithPath: folder.path, isDirectory: true))
    }
    // As GenerationConfig._get_default_generation_params gives them.
    for text in [nil, "{}", "{\"top_k\": null, \"temperature\": null, \"max_new_tokens\": null, \"do_sample\": null}"] {
      let usual = try options(text)
      #expect(usual.topK == 50 && usual.topP == nil && usual.minP == nil && usual.temperature == 1)
      #expect(usual.repetitionPenalty == 1 && usual.distinctRunLength == 0 && usual.beamCount == 1)
      #expect(usual.maximumNewTokens == 20 && usual.maximumLength == nil && !usual.samples)
      #expect(usual.minimumNewTokens == 0 && usual.minimumLength == 0 && usual.lengthPenalty == 1)
    }
    #expect(try options("{\"do_sample\": true}").processors(endTokenIDs: []).map { "\($0)" } == ["\(TopK(50))"])
    #expect(try options("{\"do_sample\": true, \"top_k\": 0}").topK == nil)
    #expect(try options("{\"do_sample\": true, \"top_k\": 7, \"top_p\": 0.5}").topK == 7)
    #expect(try options("{\"do_sample\": true, \"temperature\": 0.0}").samples == false)
    let lengths = try options("{\"max_length\": 40, \"min_length\": 3}")
    #expect(lengths.maximumLength == 40 && lengths.maximumNewTokens >= 39 && lengths.minimumLength == 3)
    let both = try options("{\"max_length\": 4, \"max_new_tokens\": 64}")
    #expect(both.maximumLength == nil && both.maximumNewTokens == 64)
    let runs = try options(
      "{\"no_repeat_ngram_size\": 3, \"bad_words_ids\": [[1, 2]], \"suppress_tokens\": [4], \"typical_p\": 1.0}")
    #expect(runs.distinctRunLength == 3 && runs.forbiddenRuns == [[1, 2]] && runs.suppressedTokens == [4])
    for (text, named) in [
      ("{\"typical_p\": 0.9}", "'typical_p' is '0.9'"), ("{\"forced_eos_token_id\": 2}", "'forced_eos_token_id'"),
      ("{\"early_stopping\": \"never\"}", "'early_stopping' is 'never'"),
      ("{\"max_new_tokens\": 0}", "'max_new_tokens'"),
      ("{\"bad_words_ids\": [1]}", "'bad_words_ids'"), ("{\"repetition_penalty\": 0}", "'repetition_penalty'"),
    ] {
      let error = #expect(throws: ModelError.self) { try options(text) }
      #expect(error?.description.contains(named) == true, "\(text): \(String(describing: error))")
    }
  }

  @Test("A whole length counts the prompt, and a prompt as long is refused")
  func wholeLength() throws {
    let fixture = try DecoderFixture("gpt2")
    let prompt = try prompts(fixture)[0]
    var options = options(100)
    options.endTokenIDs = []
    options.maximumLength = 12
    let (ids, reasons) = try run(fixture.model, [prompt], options)
    #expect(ids[0].count == 12 - prompt.count && reasons == [.length])
    options.beamCount = 2
    #expect(try BeamSearch(fixture.model, prompts: [prompt], options: options).run()[0].ids.count == 12 - prompt.count)
    options.maximumLength = prompt.count
    #expect(throws: GenerationError.promptTooLong(number: 0, tokens: prompt.count, maximum: prompt.count)) {
      try BeamSearch(fixture.model, prompts: [prompt], options: options)
    }
  }

  @Test("Options and prompts that make no sense are refused by name")
  func refusals() throws {
    let model = try DecoderFixture("gpt2").model
    func message(_ prompts: [[Int]], _ change: (inout GenerationOptions) -> Void = { _ in }) -> String {
      var options = GenerationOptions()
      change(&options)
      do {
        _ = try TokenGenerator(model, prompts: prompts, options: options)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message([[1]]).isEmpty)
    #expect(message([[1]]) { $0.temperature = 0 }.contains("temperature"))
    #expect(message([[1]]) { $0.topP = 1.5 }.contains("topP"))
    #expect(message([[1]]) { ($0.beamCount, $0.samples) = (2, true) }.contains("beamCount"))
    #expect(message([[1]]) { $0.minimumNewTokens = 1000 }.contains("minimumNewTokens"))
    #expect(message([[1], []]).contains("prompt 2 is empty"))
    #expect(message([[48]]).contains("token 48"))
    #expect(message([Array(repeating: 1, count: 32)]).contains("32 tokens"))
  }
}
