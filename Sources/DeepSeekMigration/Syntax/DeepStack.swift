#if Migrate
  import Foundation
  import Synchronization

  /// Work on a thread whose stack is large enough for any text that may be read.
  ///
  /// The parser calls itself for what stands in something else, and bounds that for some constructs alone. In a debug build
  /// one level took at most 4,900 bytes of stack where two bytes of text make a level (`<b<b<b…`), and 7,100 where brackets
  /// do, which ``maximumBracketDepth`` bounds. So 384 KiB of text cannot exhaust 1 GiB, of which only what is touched is
  /// ever given to the process.
  enum DeepStack {
    static let byteCount = 1 << 30
    /// Brackets that may stand in one another. People's code has a few dozen.
    static let maximumBracketDepth = 500

    /// Runs `work` on a thread of its own, and waits for it.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) -> Result {
      let outcome = Outcome<Result>()
      let done = DispatchSemaphore(value: 0)
      let thread = Thread {
        outcome.value.withLock { $0 = work() }
        done.signal()
      }
      thread.stackSize = byteCount
      thread.start()
      done.wait()
      return outcome.value.withLock { $0! }
    }

    private final class Outcome<Result: Sendable>: Sendable {
      let value = Mutex<Result?>(nil)
    }

    /// Where brackets stand too deep in one another, those in strings and comments among them; `nil` when they do not.
    static func tooDeep(_ bytes: [UInt8]) -> Int? {
      var depth = 0
      for (offset, byte) in bytes.enumerated() {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
        default: break
        }
        if depth > maximumBracketDepth { return offset }
      }
      return nil
    }
  }
#endif
