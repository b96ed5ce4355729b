/// Rules out tokens that would complete a run of tokens which the text has already, as Hugging Face's
/// `no_repeat_ngram_size` does.
public struct DistinctRuns: LogitsProcessor {
  private let length: Int
  /// Of so many tokens, at least 1.
  public init(_ length: Int) { self.length = length }
  /// Linear in the text.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    let ids = history.ids
    guard ids.count >= length else { return }
    let last = ids.suffix(length - 1)
    for start in 0...ids.count - length where ids[start..<start + length - 1] == last {
      logits.ruleOut(ids[start + length - 1])
    }
  }
}

/// Rules out tokens that would complete one of some runs of tokens, as Hugging Face's `bad_words_ids` does.
public struct ForbiddenRuns: LogitsProcessor {
  private let runs: [[Int]]
  /// Runs of at least one token.
  public init(_ runs: [[Int]]) { self.runs = runs }
  /// Linear in the runs.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    for run in runs where history.ids.suffix(run.count - 1).elementsEqual(run.dropLast()) {
      logits.ruleOut(run[run.count - 1])
    }
  }
}

/// Rules out tokens: always, or as the first of a continuation.
public struct SuppressedTokens: LogitsProcessor {
  private let ids: [Int]
  private let isAtBeginning: Bool
  /// These tokens.
  public init(_ ids: [Int], atBeginning: Bool = false) {
    self.ids = ids
    isAtBeginning = atBeginning
  }
  /// One change for each.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    if isAtBeginning && history.newCount > 0 { return }
    for id in ids { logits.ruleOut(id) }
  }
}

extension [Float] {
  /// Makes a token impossible, if there is such a token.
  mutating func ruleOut(_ id: Int) {
    if indices.contains(id) { self[id] = -.infinity }
  }
}
