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

  /// A request that has waited so many timeouts goes first whatever its priority, so that none waits for ever.
  static var patience: Int { 16 }

  private var entries: [Entry] = []

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

  /// Takes out a batch: the most urgent request, and those of its kind that are nearest to it in length.
  mutating func takeBatch(limit: Int, timeout: Duration, now: ContinuousClock.Instant) -> [Entry] {
    guard let first = entries.first else { return [] }
    let isOverdue = now - first.arrival > timeout * RequestQueue.patience
    let urgent = entries.map(\.priority).max()!
    let head = isOverdue ? 0 : entries.firstIndex { $0.priority == urgent }!
    let leader = entries[head]
    let others = entries.indices.filter { $0 != head && entries[$0].kind == leader.kind }.sorted { a, b in
      let (x, y) = (abs(entries[a].length - leader.length), abs(entries[b].length - leader.length))
      return (x, -entries[a].priority.rawValue, a) < (y, -entries[b].priority.rawValue, b)
    }
    let chosen = ([head] + others.prefix(limit - 1)).sorted()
    let batch = chosen.map { entries[$0] }
    for index in chosen.reversed() { entries.remove(at: index) }
    return batch
  }
}
