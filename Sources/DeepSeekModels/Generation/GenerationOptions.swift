/// How tokens are chosen, and when generation ends.
public struct GenerationOptions: Sendable, Hashable {
  /// The most tokens that are generated for a prompt.
  public var maximumNewTokens = 256
  /// No text ends before so many tokens.
  public var minimumNewTokens = 0
  /// The most tokens of a text, its prompt's among them; `nil` for as many as the model takes.
  public var maximumLength: Int?
  /// No text ends before it has so many tokens, its prompt's among them.
  public var minimumLength = 0
  /// Whether tokens are drawn by their probabilities; otherwise the likeliest is taken each time (greedy).
  public var samples = false
  /// Divides the logits before sampling: below 1 sharpens, above 1 flattens.
  public var temperature = 1.0
  /// Samples among so many of the likeliest tokens; `nil` for all.
  public var topK: Int?
  /// Samples among the fewest tokens whose probabilities add up to this (Holtzman and others, arXiv:1904.09751).
  public var topP: Double?
  /// Samples among tokens at least this likely, compared with the likeliest (Nguyen and others, arXiv:2407.01082).
  public var minP: Double?
  /// Divides the logits of tokens that are there already, prompt included (Keskar and others, arXiv:1909.05858); 1 for none.
  public var repetitionPenalty = 1.0
  /// No run of so many tokens comes twice in a text, prompt included; 0 for any may.
  public var distinctRunLength = 0
  /// Tokens that are never chosen.
  public var suppressedTokens: [Int] = []
  /// Tokens that no continuation begins with.
  public var suppressedFirstTokens: [Int] = []
  /// Runs of tokens that are never completed.
  public var forbiddenRuns: [[Int]] = []
  /// Beams of the search; 1 for none.
  public var beamCount = 1
  /// The power of the length that a beam's score is divided by: above 0 favours long texts.
  public var lengthPenalty = 1.0
  /// Whether a beam search ends as soon as there are as many ended texts as beams.
  public var stopsBeamsEarly = false
  /// What sampling begins with: the same seed gives the same tokens.
  public var seed: UInt64 = 0
  /// Tokens that end a text; `nil` for the model's own.
  public var endTokenIDs: [Int]?
  /// Texts that end a text, themselves left out.
  public var stopStrings: [String] = []
  /// Whether keys and values of earlier tokens are kept; without, each token costs the whole text again.
  public var usesCache = true

  /// Greedy, up to 256 tokens.
  public init() {}

  /// The first option that is out of its range; `nil` when all are good.
  public var problem: GenerationError? {
    let isWithoutBeams = beamCount == 1
    let rules: [(isGood: Bool, option: String, expected: String)] = [
      (maximumNewTokens >= 1, "maximumNewTokens", "at least 1"),
      (
        (0...Swift.max(maximumNewTokens, 0)).contains(minimumNewTokens), "minimumNewTokens",
        "from 0 to maximumNewTokens"
      ),
      ((maximumLength ?? 1) >= 1, "maximumLength", "at least 1"),
      (minimumLength >= 0, "minimumLength", "at least 0"),
      (temperature > 0 && temperature.isFinite, "temperature", "above 0; greedy search has none"),
      ((topK ?? 1) >= 1, "topK", "at least 1"),
      ((topP ?? 1) > 0 && (topP ?? 1) <= 1, "topP", "above 0 and at most 1"),
      ((0...1).contains(minP ?? 0), "minP", "from 0 to 1"),
      (repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetitionPenalty", "above 0"),
      (distinctRunLength >= 0, "distinctRunLength", "at least 0"),
      (forbiddenRuns.allSatisfy { !$0.isEmpty }, "forbiddenRuns", "runs of at least one token"),
      (beamCount >= 1, "beamCount", "at least 1"),
      (isWithoutBeams || !samples, "beamCount", "1 when sampling"),
      (isWithoutBeams || stopStrings.isEmpty, "stopStrings", "none in a beam search"),
      (lengthPenalty.isFinite, "lengthPenalty", "a finite number"),
      (!stopStrings.contains(""), "stopStrings", "texts that are not empty"),
    ]
    return rules.first { !$0.isGood }.map { .invalidOption(option: $0.option, expected: $0.expected) }
  }

  /// How long a text of a model that takes so many tokens may get, its prompt included.
  func longestText(_ limit: Int) -> Int { Swift.min(limit, maximumLength ?? limit) }

  /// What the options ask of logits, in the order in which Hugging Face's libraries apply it.
  func processors(endTokenIDs: [Int]) -> [any LogitsProcessor] {
    var result: [any LogitsProcessor] = []
    if repetitionPenalty != 1 { result.append(RepetitionPenalty(repetitionPenalty)) }
    if distinctRunLength > 0 { result.append(DistinctRuns(distinctRunLength)) }
    // What ends texts is not forbidden by being a run of its own.
    let runs = forbiddenRuns.filter { $0.count > 1 || !endTokenIDs.contains($0[0]) }
    if !runs.isEmpty { result.append(ForbiddenRuns(runs)) }
    if minimumLength > 0 { result.append(MinimumTokens(minimumLength, countsPrompt: true, endTokenIDs: endTokenIDs)) }
    if minimumNewTokens > 0 { result.append(MinimumTokens(minimumNewTokens, endTokenIDs: endTokenIDs)) }
    if !suppressedTokens.isEmpty { result.append(SuppressedTokens(suppressedTokens)) }
    if !suppressedFirstTokens.isEmpty {
      result.append(SuppressedTokens(suppressedFirstTokens, atBeginning: true))
    }
    guard samples else { return result }
    if temperature != 1 { result.append(Temperature(temperature)) }
    if let topK { result.append(TopK(topK)) }
    if let topP, topP < 1 { result.append(TopP(topP)) }
    if let minP, minP > 0 { result.append(MinP(minP)) }
    return result
  }
}
