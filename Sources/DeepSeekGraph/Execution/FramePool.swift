/// Idle frames, at most a fixed number of bytes of them.
struct FramePool: Sendable {
  /// Idle arenas beyond this are given back, those unused longest first: 128 MiB, or one arena if it alone is larger. Batches
  /// of ever other sizes would fill any limit, and an arena is soon made.
  static let byteLimit = 128 << 20

  private var idle: [Frame] = []
  private var byteCount = 0

  /// An idle frame of a plan; `nil` when there is none.
  mutating func take(_ plan: ExecutionPlan) -> Frame? {
    guard let index = idle.lastIndex(where: { $0.plan === plan }) else { return nil }
    byteCount -= idle[index].byteCount
    return idle.remove(at: index)
  }

  /// Takes back a frame; returns those that must go, to be released outside of locks.
  mutating func put(_ frame: Frame) -> [Frame] {
    idle.append(frame)
    byteCount += frame.byteCount
    var surplus: [Frame] = []
    while byteCount > FramePool.byteLimit && idle.count > 1 {
      byteCount -= idle[0].byteCount
      surplus.append(idle.removeFirst())
    }
    return surplus
  }
}
