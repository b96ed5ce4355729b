/// Requests that wait, and which of them go together.
struct RequestQueue<Request: Sendable>: Sendable {
  /// One request.
  struct Entry: Sendable {
    let id: Int
    let request: Request
    /// What it costs, in units of its kind: tokens, for a text.
    let length: Int
    /// Requests of different kinds never share a batch.
    let kind: String
    let priority: RequestPriority
    let arrival: ContinuousClock.Instant
  }

  /// So many batches in a row may pass over the oldest request; the next one takes it, whatever its priority, so that none
  /// waits for ever.
  static var patience: Int { 16 }

  private var entries: [Entry] = []
  /// Batches in a row without the request that was the oldest.
  private var passedOver = 0

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  /// When the request that has waited longest came.
  var oldest: ContinuousClock.Instant? { entries.first?.arrival }

  mutating func append(_ entry: Entry) { entries.append(entry) }

  /// Takes out a request that nobody waits for any longer.
  mutating func remove(id: Int) -> Bool {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return false }
    entries.remove(at: index)
    return true
  }

  /// Takes out a batch: the most urgent request that has waited longest, and of its kind the most urgent others, those nearest
  /// to it in length first.
  mutating func takeBatch(limit: Int) -> [Entry] {
    guard let urgent = entries.map(\.priority).max() else { return [] }
    let isOverdue = passedOver >= RequestQueue.patience
    let head = isOverdue ? 0 : entries.firstIndex { $0.priority == urgent }!
    let leader = entries[head]
    let others = entries.indices.filter { $0 != head && entries[$0].kind == leader.kind }.sorted { a, b in
      let (x, y) = (abs(entries[a].length - leader.length), abs(entries[b].length - leader.length))
      return (-entries[a].priority.rawValue, x, a) < (-entries[b].priority.rawValue, y, b)
    }
    let chosen = ([head] + others.prefix(limit - 1)).sorted()
    passedOver = chosen[0] == 0 ? 0 : passedOver + 1
    let batch = chosen.map { entries[$0] }
    for index in chosen.reversed() { entries.remove(at: index) }
    return batch
  }
}
