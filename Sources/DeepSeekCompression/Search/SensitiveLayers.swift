/// The fewest layers, from the most sensitive on, that have to stay as they were for a score to be within its budget.
struct SensitiveLayers {
  let budget: AccuracyBudget
  /// The score before.
  let before: Double
  /// The layers, the most sensitive first.
  let order: [Int]

  /// All layers are quantized when it begins. About log₂(n) + 1 scores are taken.
  ///
  /// - Returns: The layers that were restored, and the score then.
  func run(place: (Int) -> Void, restore: (Int) -> Void) throws -> (restored: [Int], score: Double) {
    var restored = 0
    func set(_ count: Int) {
      for index in order[Swift.min(restored, count)..<Swift.max(restored, count)] {
        if count > restored { restore(index) } else { place(index) }
      }
      restored = count
    }
    func score(_ count: Int) throws -> Double {
      set(count)
      return try budget.score()
    }
    var best = (count: order.count, score: before)
    let first = try score(0)
    if budget.allows(first, before: before) { return ([], first) }
    // Half a search: more restored layers are taken to lose less.
    var (low, high) = (1, order.count)
    while low < high {
      let middle = (low + high) / 2
      let found = try score(middle)
      if budget.allows(found, before: before) {
        (high, best) = (middle, (middle, found))
      } else {
        low = middle + 1
      }
    }
    if best.count == order.count {
      throw QuantizationError.unreachable(
        "no layer can be quantized within a loss of \(budget.maximumLoss * 100) percent of the score \(before)")
    }
    set(best.count)
    return (Array(order[..<best.count]), best.score)
  }
}
