/// Looks for stop strings in text that arrives in pieces, and holds back what may be the beginning of one.
struct StopStringFilter: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []
  /// Whether a stop string was found. Nothing comes out any more.
  private(set) var isStopped = false

  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  /// Takes a piece of text and answers what surely comes before any stop string.
  mutating func append(_ text: String) -> String {
    if isStopped { return "" }
    if stops.isEmpty { return text }
    held += text.utf8
    for start in held.indices {
      for stop in stops where held[start...].starts(with: stop) {
        isStopped = true
        return take(start)
      }
      if stops.contains(where: { $0.starts(with: held[start...]) }) { return take(start) }
    }
    return take(held.count)
  }

  /// What was held back, when no more text comes; up to a stop string in it, which waited for one that began before it.
  mutating func finish() -> String {
    if isStopped { return "" }
    for start in held.indices where stops.contains(where: { held[start...].starts(with: $0) }) {
      isStopped = true
      return take(start)
    }
    return take(held.count)
  }

  /// Cuts lie before a stop string's first byte, so no character is split.
  private mutating func take(_ count: Int) -> String {
    defer { held.removeFirst(count) }
    return String(decoding: held[..<count], as: UTF8.self)
  }
}
