/// Deadlines in their order.
struct DeadlineQueue: Sendable {
  /// The earliest last.
  private var entries: [(time: ContinuousClock.Instant, id: Int)] = []

  /// The earliest.
  var first: ContinuousClock.Instant? { entries.last?.time }

  mutating func insert(_ time: ContinuousClock.Instant, id: Int) {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].time > time { low = middle + 1 } else { high = middle }
    }
    entries.insert((time, id), at: low)
  }

  /// Takes out the earliest if it has passed.
  mutating func popExpired(now: ContinuousClock.Instant) -> Int? {
    guard let last = entries.last, last.time <= now else { return nil }
    return entries.removeLast().id
  }

  /// Takes out those at the front that nobody waits for any longer.
  mutating func dropAnswered(_ isWaiting: (Int) -> Bool) {
    while let last = entries.last, !isWaiting(last.id) { entries.removeLast() }
  }
}
