import Foundation

/// The tokens of a text so far.
public struct TokenHistory: Sendable, Hashable {
  /// The prompt's and the generated tokens.
  public var ids: [Int]
  /// How many are the prompt's.
  public var promptCount: Int

  /// These tokens, of which the first `promptCount` are the prompt's.
  public init(_ ids: [Int], promptCount: Int) {
    self.ids = ids
    self.promptCount = promptCount
  }

  /// How many tokens have been generated.
  public var newCount: Int { ids.count - promptCount }
}

/// Changes the logits of a text's next token before it is chosen. A logit of -∞ rules its token out.
public protocol LogitsProcessor: Sendable {
  /// Changes the logits, one for each token of the vocabulary.
  func process(_ logits: inout [Float], _ history: TokenHistory)
}

/// Divides logits: below 1 sharpens, above 1 flattens.
public struct Temperature: LogitsProcessor {
  private let temperature: Float
  /// By this number, above 0.
  public init(_ temperature: Double) { self.temperature = Float(temperature) }
  /// One division each.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    for index in logits.indices { logits[index] /= temperature }
  }
}

/// Keeps the likeliest tokens; those as likely as the last of them too.
public struct TopK: LogitsProcessor {
  private let count: Int
  /// So many, at least 1.
  public init(_ count: Int) { self.count = count }
  /// Linear in the vocabulary.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    guard count < logits.count else { return }
    // The heap's first is the least of the `count` largest so far.
    var heap = Array(logits[..<count])
    heap.sort()
    var least = heap[0]
    for logit in logits[count...] where logit > least {
      heap[0] = logit
      TopK.sink(&heap)
      least = heap[0]
    }
    for index in logits.indices where logits[index] < least { logits[index] = -.infinity }
  }

  private static func sink(_ heap: inout [Float]) {
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[place] else { return }
      heap.swapAt(place, child)
      place = child
    }
  }
}

/// Keeps the fewest tokens whose probabilities add up to a part of 1, at least the likeliest (Holtzman and others,
/// arXiv:1904.09751).
public struct TopP: LogitsProcessor {
  private let part: Double
  /// This part, above 0 and at most 1.
  public init(_ part: Double) { self.part = part }
  /// Sorts the tokens that are not too unlikely from the outset.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    let probabilities = softmax(logits)
    // All tokens below this bound together are less than what is ruled out.
    let bound = (1 - part) / Double(logits.count)
    var candidates: [Int] = []
    var sum = 0.0
    for (index, probability) in probabilities.enumerated() {
      if probability >= bound { candidates.append(index) } else { sum += probability }
    }
    candidates.sort { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var kept = candidates[...]
    while kept.count > 1, let first = kept.first, sum + probabilities[first] <= 1 - part {
      sum += probabilities[first]
      kept.removeFirst()
    }
    logits = ruledOut(logits, except: kept)
  }
}

/// Keeps the tokens that are at least so likely, compared with the likeliest (Nguyen and others, arXiv:2407.01082).
public struct MinP: LogitsProcessor {
  private let part: Double
  /// This part of the greatest probability, from 0 to 1.
  public init(_ part: Double) { self.part = part }
  /// One pass.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    guard let largest = logits.max() else { return }
    let bound = largest + Float(log(part))
    for index in logits.indices where logits[index] < bound { logits[index] = -.infinity }
  }
}

/// Makes tokens of the text so far less likely: divides their logits, multiplies those below 0 (Keskar and others,
/// arXiv:1909.05858).
public struct RepetitionPenalty: LogitsProcessor {
  private let penalty: Float
  /// By this number; above 1 makes them less likely.
  public init(_ penalty: Double) { self.penalty = Float(penalty) }
  /// Linear in the text.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    for id in Set(history.ids) where logits.indices.contains(id) {
      logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty
    }
  }
}

/// Rules out the tokens that end a text until it has so many.
public struct MinimumTokens: LogitsProcessor {
  private let minimum: Int
  private let countsPrompt: Bool
  private let endTokenIDs: [Int]
  /// So many, of the continuation alone or with the prompt's, and the tokens that end a text.
  public init(_ minimum: Int, countsPrompt: Bool = false, endTokenIDs: [Int]) {
    self.minimum = minimum
    self.countsPrompt = countsPrompt
    self.endTokenIDs = endTokenIDs
  }
  /// One change for each.
  public func process(_ logits: inout [Float], _ history: TokenHistory) {
    guard (countsPrompt ? history.ids.count : history.newCount) < minimum else { return }
    for id in endTokenIDs { logits.ruleOut(id) }
  }
}

/// Probabilities of logits.
func softmax(_ logits: [Float]) -> [Double] {
  let largest = Double(logits.max() ?? 0)
  var sum = 0.0
  let weights = logits.map { logit -> Double in
    let weight = logit == -.infinity ? 0 : exp(Double(logit) - largest)
    sum += weight
    return weight
  }
  return weights.map { $0 / sum }
}

/// The logits with all ruled out except some.
private func ruledOut(_ logits: [Float], except kept: some Sequence<Int>) -> [Float] {
  var result = [Float](repeating: -.infinity, count: logits.count)
  for index in kept { result[index] = logits[index] }
  return result
}
