import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Executor")
struct ExecutorTests {
  private static func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test("feeds that do not fit are named, with what was expected")
  func wrongFeeds() throws {
    let batch = Dimension.symbol("batch")
    let graph = try capture([
      ("x", TensorSpec(.float32, Shape([batch, 3]))), ("y", TensorSpec(.float32, Shape([batch]))),
    ]) { [("z", $0["x"]!.sum(axis: 1) + $0["y"]!), ("first", $0["x"]! * 2.0)] }
    let executor = try CPUExecutor(graph)
    let (x, y) = (pattern([4, 3]), pattern([4]))
    func message(_ feeds: [String: Tensor], _ fetches: [String]? = nil) -> String {
      ExecutorTests.message { _ = try executor.run(feeds, fetches: fetches) }
    }
    #expect(
      message(["x": x, "y": pattern([5])]).contains(
        "'y': [5] is fed, [batch] expected: axis 0 differs; 'batch' is 4 here"))
    #expect(
      message(["x": pattern([4, 2]), "y": y]).contains("'x': [4, 2] is fed, [batch, 3] expected: axis 1 differs"))
    #expect(
      message(["x": x.cast(to: .float64), "y": y]).contains("'x': a float64[4, 3] is fed, float32[batch, 3] expected"))
    #expect(message(["x": pattern([3]), "y": y]).contains("'x': [3] is fed"))
    #expect(message(["x": x]).contains("'y': nothing is fed, but 'add' needs a float32[batch]"))
    #expect(message(["x": x, "y": y, "w": y]) == "graph: no input is named 'w'; there are: x, y")
    #expect(message(["x": x, "y": y], ["q"]) == "graph: no output is named 'q'; there are: z, first")
    #expect(message(["x": x], ["first"]) == "nothing was thrown", "what an output does not need may be left out")
  }

  @Test("only what the fetched outputs need is computed")
  func partialRun() throws {
    let graph = try capture([("x", TensorSpec(.float32, [2])), ("i", TensorSpec(.int64, [1]))]) { inputs in
      let table = pattern([3, 2])
      return [("safe", inputs["x"]! + 1.0), ("risky", Tensor.embedding(table, inputs["i"]!))]
    }
    let executor = try CPUExecutor(graph)
    let feeds = ["x": pattern([2]), "i": Tensor([7])]
    #expect(try executor.run(feeds, fetches: ["safe"])["safe"]!.array(of: Float.self) == (pattern([2]) + 1.0).array())
    let message = ExecutorTests.message { _ = try executor.run(feeds) }
    #expect(message.hasPrefix("running graph node 1 (embedding):"), "\(message)")
    // A run that failed leaves nothing behind that would harm the next.
    #expect(try executor.run(["x": pattern([2]), "i": Tensor([2])]).count == 2)
  }

  @Test("randomness differs from run to run, a seed repeats it, and it is what eager code draws")
  func randomness() throws {
    func noisy(_ x: Tensor) -> Tensor {
      let first = x.dropout(0.5, key: RandomGenerator.current.nextKey())
      return first + Tensor.randomUniform([64], 0, 1, dtype: .float32, key: RandomGenerator.current.nextKey())
    }
    let executor = try CPUExecutor(try capture(TensorSpec(.float32, [64]), noisy).optimized())
    let x = pattern([64])
    let runs = try RandomGenerator.withSeed(3) { [try executor(x)[0], try executor(x)[0]] }
    let again = try RandomGenerator.withSeed(3) { [try executor(x)[0], try executor(x)[0]] }
    let eager = RandomGenerator.withSeed(3) { [noisy(x), noisy(x)] }
    #expect(!sameBits(runs[0], runs[1]))
    for (run, others) in zip(runs, zip(again, eager)) {
      #expect(sameBits(run, others.0))
      #expect(sameBits(run, others.1))
    }
  }

  @Test("many threads run one executor at once, each with its own inputs")
  func concurrency() async throws {
    let batch = Dimension.symbol("batch")
    let weight = Parameter(pattern([8, 8]))
    func model(_ x: Tensor) -> Tensor { x.matmul(weight.tensor).tanh().matmul(weight.tensor).sigmoid() + x }
    let executor = try CPUExecutor(try capture(TensorSpec(.float32, Shape([batch, 8])), model))
    try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let x = pattern([1 + (task + round) % 3, 8], Double(task * 100 + round))
            guard sameBits(try executor(x)[0], model(x)) else { return (task, false) }
          }
          return (task, true)
        }
      }
      for try await (task, isRight) in group { #expect(isRight, "task \(task)") }
    }
  }

  @Test("concurrent runs that update lose no update")
  func concurrentUpdates() async throws {
    let count = Parameter(Tensor([], [Int64(0)]))
    let graph = try capture([("x", TensorSpec(.int64, []))]) { inputs in
      count.value = count.value + inputs["x"]!
      return [("now", count.value)]
    }
    let executor = try CPUExecutor(graph)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for _ in 0..<100 { _ = try executor.run(["x": Tensor([], [Int64(1)])]) } }
      }
      try await group.waitForAll()
    }
    #expect(count.value.item(as: Int64.self) == 400)
  }

  @Test("a graph with variables of its own leaves the original's alone")
  func ownVariables() throws {
    let count = Parameter(Tensor([], [Int64(0)]))
    let graph = try capture([("x", TensorSpec(.int64, []))]) { inputs in
      count.value = count.value + inputs["x"]!
      return [("now", count.value)]
    }
    let executor = try CPUExecutor(graph.withOwnVariables())
    for expected in 1...3 {
      #expect(try executor(Tensor([], [Int64(1)]))[0].item(as: Int.self) == expected)
    }
    #expect(count.value.item(as: Int.self) == 0)
  }

  @Test("frozen variables are constants: later changes do not show")
  func freezing() throws {
    let weight = Parameter(pattern([4]))
    let graph = try capture(TensorSpec(.float32, [4])) { $0 * weight.tensor }
    let frozen = try graph.freezingVariables().optimized()
    let before = pattern([4], 1) * pattern([4])
    weight.value = pattern([4], 9)
    #expect(sameBits(try CPUExecutor(frozen)(pattern([4], 1))[0], before))
    #expect(sameBits(try CPUExecutor(graph)(pattern([4], 1))[0], pattern([4], 1) * pattern([4], 9)))
  }

  @Test("a tensor of a finished graph is refused in a readable way")
  func escapedTensors() throws {
    var escaped: Tensor?
    let graph = try capture(TensorSpec(.float32, [2])) { x in
      escaped = x
      return x * 2.0
    }
    let message = ExecutorTests.message { _ = try applyChecked(UnaryOperator(.exp), [escaped!]) }
    #expect(message.contains("'exp' is applied to a tensor of a graph that is finished"), "\(message)")
    let executor = try CPUExecutor(graph)
    #expect(ExecutorTests.message { _ = try executor(escaped!) }.contains("a place in a graph is fed"))
    let nested = ExecutorTests.message {
      _ = try capture(TensorSpec(.float32, [2])) { x in
        _ = try executor(pattern([2]))
        return x
      }
    }
    #expect(nested.contains("cannot run inside a capture"), "\(nested)")
    let foreign = ExecutorTests.message {
      _ = try capture(TensorSpec(.float32, [2])) { outer in
        _ = try capture(TensorSpec(.float32, [2])) { inner in try applyChecked(BinaryOperator(.add), [inner, outer])[0]
        }
        return outer
      }
    }
    #expect(foreign.contains("belongs to another graph"), "\(foreign)")
  }

  @Test("a fed length that makes another impossible is refused")
  func impossibleLengths() throws {
    let length = Dimension.symbol("length")
    let builder = GraphBuilder()
    let x = try builder.input("x", TensorSpec(.float32, Shape([length])))
    let target = Shape([length - 4])
    let y = try builder.append(
      BroadcastOperator(target), [Tensor.ones([1])], outputs: [TensorSpec(.float32, target)])[0]
    let executor = try CPUExecutor(try builder.finish(outputs: [("y", y), ("x", x)]))
    #expect(try executor(pattern([6]))[0].shape == [2])
    let message = ExecutorTests.message { _ = try executor(pattern([3])) }
    #expect(message.contains("'x': [3] is fed, but then the length (length - 4) is impossible"), "\(message)")
  }

  @Test("batch of zero runs")
  func emptyBatch() throws {
    let batch = Dimension.symbol("batch")
    let graph = try capture(TensorSpec(.float32, Shape([batch, 2]))) { ($0 * 2.0).matmul(pattern([2, 3])) }
    #expect(try CPUExecutor(graph)(pattern([0, 2]))[0].shape == [0, 3])
  }
}
