import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// Continues prompts along several texts at once, the likeliest so far, and answers the best text that ended.
///
/// The rules are those of Hugging Face's libraries: at each step the best continuations of all beams, some more than there are
/// beams; those among the first that end are candidates, their scores divided by a power of their length.
public struct BeamSearch {
  /// A text that was found.
  public struct Result: Sendable, Hashable {
    /// The generated tokens.
    public let ids: [Int]
    /// The logarithm of its probability, divided by the power of its length.
    public let score: Double
    /// Why it ended.
    public let reason: FinishReason
  }

  private struct Candidate {
    let beam: Int
    let token: Int
    let score: Double
  }

  private let model: any CausalLanguageModel
  private let prompts: [[Int]]
  private let options: GenerationOptions
  private let endTokenIDs: [Int]
  private let processors: [any LogitsProcessor]

  /// Checks the prompts and options.
  public init(_ model: any CausalLanguageModel, prompts: [[Int]], options: GenerationOptions) throws {
    if let problem = options.problem { throw problem }
    try TokenGenerator.check(prompts, model, options)
    self.model = model
    self.prompts = prompts
    self.options = options
    endTokenIDs = options.endTokenIDs ?? model.endTokenIDs
    processors = options.processors(endTokenIDs: endTokenIDs)
  }

  /// The best text of each prompt, one prompt after the other.
  public func run() -> [Result] { prompts.map(search) }

  private func search(_ prompt: [Int]) -> Result {
    let room = Swift.min(options.maximumNewTokens, options.longestText(model.maximumLength) - prompt.count)
    let (ends, beams) = (Set(endTokenIDs), options.beamCount)
    var batch = DecodingBatch(model, [prompt], newTokens: room, usesCache: options.usesCache)
    var scores = [0.0]
    var found: [Result] = []
    for length in 1...room {
      let best = candidates(batch, scores, prompt.count)
      func isEnd(_ candidate: Candidate) -> Bool { ends.contains(candidate.token) || length == room }
      for candidate in best.prefix(beams) where isEnd(candidate) {
        let ids = Array(batch.rows[candidate.beam].dropFirst(prompt.count)) + [candidate.token]
        found.append(
          Result(
            ids: ids, score: candidate.score / power(length),
            reason: ends.contains(candidate.token) ? .endToken : .length))
      }
      found = Array(
        found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
          .map(\.element).prefix(beams))
      let going = best.filter { !isEnd($0) }.prefix(beams)
      guard let first = going.first, isHopeful(first.score / power(length), found) else { break }
      batch.keep(going.map(\.beam))
      batch.append(going.map(\.token))
      scores = going.map(\.score)
    }
    return found.first ?? Result(ids: [], score: -.infinity, reason: .length)
  }

  private func power(_ length: Int) -> Double { pow(Double(length), options.lengthPenalty) }

  /// Whether going on may still give a better text than the worst that is kept.
  private func isHopeful(_ best: Double, _ found: [Result]) -> Bool {
    guard found.count == options.beamCount, let worst = found.last?.score else { return true }
    return !options.stopsBeamsEarly && best > worst
  }

  /// The best continuations of all beams, best first.
  private func candidates(_ batch: DecodingBatch, _ scores: [Double], _ promptCount: Int) -> [Candidate] {
    let logits = batch.logits()
    let width = logits.shape[1]
    let values = logits.logSoftmax(axis: -1).array(of: Float.self)
    let count = Swift.max(2, 1 + endTokenIDs.count) * options.beamCount
    var result: [Candidate] = []
    for (beam, score) in scores.enumerated() {
      var row = Array(values[beam * width..<(beam + 1) * width])
      let history = TokenHistory(batch.rows[beam], promptCount: promptCount)
      for processor in processors { processor.process(&row, history) }
      var kept = row
      TopK(count).process(&kept, history)
      for token in kept.indices where kept[token] > -.infinity {
        result.append(Candidate(beam: beam, token: token, score: score + Double(kept[token])))
      }
    }
    result.sort { ($1.score, $0.beam, $0.token) < ($0.score, $1.beam, $1.token) }
    return Array(result.prefix(count))
  }
}
