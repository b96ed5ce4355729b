internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The cores that this process may use.
enum ProcessorCount {
  static let available: Int = {
    if let text = getenv("DEEPSEEK_NUM_THREADS"), let count = Int(String(cString: text)), count > 0 {
      return min(count, 1024)
    }
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }()
}

/// A parallel map over indices.
enum Parallel {
  /// Each worker takes portions from both ends of nothing but a counter: uneven texts balance out.
  static func map<Element: Sendable>(
    count: Int, workers: Int, _ body: @Sendable (Int) -> Element
  ) -> [Element] {
    let portions = min(count, workers * 8)
    let results = Portions<Element>(count: portions)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      var portion = worker
      while portion < portions {
        let range = portion * count / portions..<(portion + 1) * count / portions
        results.set(portion, range.map(body))
        portion += workers
      }
    }
    return results.joined()
  }

  /// Results by portion.
  private final class Portions<Element: Sendable>: @unchecked Sendable {
    private let lock = DispatchSemaphore(value: 1)
    private var parts: [[Element]]

    init(count: Int) { parts = Array(repeating: [], count: count) }

    func set(_ index: Int, _ elements: [Element]) {
      lock.wait()
      parts[index] = elements
      lock.signal()
    }

    func joined() -> [Element] { Array(parts.joined()) }
  }
}
