import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Compiled functions and threads")
struct CompiledFunctionTests {
  private static let patience = DispatchTimeInterval.seconds(60)

  /// Runs work on a thread of its own.
  private func start<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) -> Started<Value> {
    let started = Started<Value>()
    Thread.detachNewThread { started.finish(Result { try work() }) }
    return started
  }

  /// What a thread is to give.
  private final class Started<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func finish(_ value: Result<Value, any Error>) {
      result.withLock { $0 = value }
      done.signal()
    }

    /// What it gave; `nil` when it gave nothing in a minute.
    func value() throws -> Value? {
      guard done.wait(timeout: .now() + CompiledFunctionTests.patience) == .success else { return nil }
      return try result.withLock { $0 }?.get()
    }
  }

  @Test("what is compiled runs while something else is being compiled")
  func ready() throws {
    let (begun, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let function = CompiledFunction { inputs in
      if inputs[0].shape[0] == 3 {
        begun.signal()
        goOn.wait()
      }
      return [inputs[0] * 2]
    }
    _ = try function(pattern([2], 1))
    let slow = start { try function(pattern([3], 1))[0] }
    #expect(begun.wait(timeout: .now() + CompiledFunctionTests.patience) == .success)
    let (ready, other) = (start { try function(pattern([2], 2))[0] }, start { try function(pattern([4], 2))[0] })
    #expect(try ready.value().map { sameBits($0, pattern([2], 2) * 2) } == true)
    #expect(try other.value().map { sameBits($0, pattern([4], 2) * 2) } == true)
    #expect(function.programCount == 2)
    goOn.signal()
    #expect(try slow.value().map { sameBits($0, pattern([3], 1) * 2) } == true)
    #expect(function.programCount == 3)
  }

  @Test("callers that come with the same new inputs have one program made")
  func once() throws {
    let made = Atomic<Int>(0)
    let goOn = DispatchSemaphore(value: 0)
    let function = CompiledFunction { inputs in
      made.add(1, ordering: .relaxed)
      goOn.wait()
      return [inputs[0] + 1]
    }
    let callers = (0..<6).map { caller in start { try function(pattern([2], Double(caller)))[0] } }
    // More than one compilation would need.
    for _ in callers { goOn.signal() }
    for (caller, result) in callers.enumerated() {
      #expect(try result.value().map { sameBits($0, pattern([2], Double(caller)) + 1) } == true)
    }
    #expect(made.load(ordering: .relaxed) == 1 && function.programCount == 1)
  }

  @Test("a compilation that fails fails all who wait for it, counts for nothing, and is tried again")
  func failure() throws {
    struct Broken: Error {}
    let made = Atomic<Int>(0)
    let function = CompiledFunction(policy: .refuses) { inputs in
      if made.add(1, ordering: .relaxed).oldValue == 0 { throw Broken() }
      return [inputs[0] - 1]
    }
    #expect(throws: Broken.self) { try function(pattern([2], 1)) }
    #expect(function.programCount == 0)
    #expect(sameBits(try function(pattern([2], 1))[0], pattern([2], 1) - 1))
    #expect(throws: CompilationError.self) { try function(pattern([3], 1)) }
  }

  @Test("what is being compiled counts towards the limit")
  func limit() throws {
    let (begun, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let function = CompiledFunction(policy: .recompiles(limit: 1)) { inputs in
      begun.signal()
      goOn.wait()
      return [inputs[0]]
    }
    let slow = start { try function(pattern([3], 1))[0] }
    #expect(begun.wait(timeout: .now() + CompiledFunctionTests.patience) == .success)
    let error = #expect(throws: CompilationError.self) { try function(pattern([4], 1)) }
    #expect(error?.description.contains("[3]") == true)
    goOn.signal()
    #expect(try slow.value() != nil)
  }
}
