import DeepSeekDynamic
import DeepSeekEngines
import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Engines: whole graphs", .serialized)
struct EngineRunTests {
  @Test(
    "every operator without a counterpart is named, with its count, before anything runs",
    arguments: TestedEngine.present)
  func unsupported(_ engine: TestedEngine) throws {
    let graph = try capture([TensorSpec(.float32, [3])]) { [apply(Unheard(), apply(Unheard(), $0[0].exp()))] }
    let error = #expect(throws: EngineError.self) { try engine.backend.makeExecutor(graph) }
    guard case .unsupportedOperators(let name, let counts) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == engine.testDescription && counts == ["unheard": 2])
  }

  @Test("lengths that are symbols take any shape, outputs are fetched one by one", arguments: TestedEngine.present)
  func symbols(_ engine: TestedEngine) throws {
    let batch = Dimension.symbol("batch")
    let graph = try capture(
      [("x", TensorSpec(.float32, Shape([batch, 4]))), ("other", TensorSpec(.float32, [2]))]
    ) { inputs in
      [("sum", (inputs["x"]! * 2).sum(axis: 1)), ("unused", inputs["other"]! + 1), ("same", inputs["x"]!)]
    }
    let executor = try engine.backend.makeExecutor(graph)
    for rows in [1, 3, 0, 3] {
      let x = Tensor.arange(0, Double(rows * 4)).reshaped([rows, 4] as Shape)
      let results = try executor.run(["x": x], fetches: ["sum", "same"])
      #expect(Comparison.areIdentical([results["sum"]!, results["same"]!], [(x * 2).sum(axis: 1), x]))
    }
    #expect(throws: GraphError.self) { try executor.run(["x": Tensor.zeros([2, 4])], fetches: ["unused"]) }
    #expect(throws: GraphError.self) { try executor.run(["x": Tensor.zeros([2, 5])], fetches: ["sum"]) }
    #expect(throws: GraphError.self) { try executor.run(["x": Tensor.zeros([2, 4], dtype: .int32)], fetches: ["sum"]) }
  }

  @Test("an index out of range is an error of the engine, not a crash", arguments: TestedEngine.present)
  func outOfRange(_ engine: TestedEngine) throws {
    let graph = try capture([TensorSpec(.float32, [3, 2]), TensorSpec(.int64, [1])]) { [$0[0].take($0[1], axis: 0)] }
    let executor = try engine.backend.makeExecutor(graph)
    let x = Tensor([[1.0, 2], [3, 4], [5, 6]])
    #expect(try executor.run([x, Tensor([1], [Int64(-1)])])[0].array(of: Float.self) == [5, 6])
    for index in [Int64(3), -4] {
      #expect(throws: EngineError.self) { try executor.run([x, Tensor([1], [index])]) }
    }
  }

  @Test("operators whose own methods need values run too", arguments: TestedEngine.present)
  func valueReaders(_ engine: TestedEngine) throws {
    for (graph, input) in try EngineCase.valueReaders() {
      let expected = try CPUExecutor(graph).run([input])
      #expect(Comparison.areIdentical(try engine.backend.makeExecutor(graph).run([input]), expected))
    }
  }

  @Test("random draws are the framework's own, bit for bit", arguments: TestedEngine.present)
  func random(_ engine: TestedEngine) throws {
    let graph = try capture([TensorSpec(.float32, [4, 8])]) { inputs in
      let noise = Tensor.randomNormal([4, 8])
      return [noise, noise * inputs[0], Tensor.randomUniform([3]), inputs[0].dropout(0.5)]
    }
    let x = Tensor.ones([4, 8])
    let expected = try RandomGenerator.withSeed(5) { try CPUExecutor(graph).run([x]) }
    let results = try RandomGenerator.withSeed(5) { try engine.backend.makeExecutor(graph).run([x]) }
    #expect(Comparison.areIdentical(results, expected))
  }

  @Test("several threads run one executor at once", arguments: TestedEngine.present)
  func concurrency(_ engine: TestedEngine) async throws {
    let graph = try capture([TensorSpec(.float32, [16, 16])]) { [$0[0].matmul($0[0]).tanh().sum(axis: 0)] }
    let executor = try engine.backend.makeExecutor(graph)
    let inputs = (0..<8).map { Tensor.full([16, 16], Double($0) / 64) }
    let expected = try inputs.map { try CPUExecutor(graph).run([$0])[0] }
    try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for (index, input) in inputs.enumerated() {
        group.addTask { (index, try executor.run([input])[0]) }
      }
      for try await (index, result) in group {
        #expect(Comparison.problem(result, expected[index], tolerance: 1e-5) == nil)
      }
    }
  }

  @Test(
    "a result stays what it was when the executor runs again and its inputs change", arguments: TestedEngine.present)
  func lifetimes(_ engine: TestedEngine) throws {
    let graph = try capture([TensorSpec(.float32, [2, 8])]) { [$0[0].reshaped([4, 4]), $0[0] + 1] }
    let executor = try engine.backend.makeExecutor(graph)
    var x = Tensor.ones([2, 8])
    let first = try executor.run([x])
    _ = x.withUnsafeMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: 0) }
    _ = try executor.run([x])
    #expect(first[0].array(of: Float.self) == Array(repeating: 1, count: 16))
    #expect(first[1].array(of: Float.self) == Array(repeating: 2, count: 16))
  }
}
