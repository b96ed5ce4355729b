import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Capture")
struct CaptureTests {
  @Test("one capture with a symbolic batch runs at batches 1, 3 and 8 and gives what eager code gives")
  func symbolicBatch() throws {
    let batch = Dimension.symbol("batch")
    let weight = Tensor([[1, 2, 3], [4, 5, 6]], dtype: .float32)
    func model(_ x: Tensor) -> Tensor { (x.matmul(weight) + 1.0).relu().sum(axis: 1) }
    let graph = try capture(TensorSpec(.float32, Shape([batch, 2])), model)
    let executor = try CPUExecutor(graph)
    for size in [1, 3, 8, 3] {
      let x = Tensor([size, 2], (0..<size * 2).map { Float($0) - 3 })
      let result = try executor(x)[0]
      #expect(sameBits(result, model(x)), "batch \(size)")
    }
  }

  @Test("a captured training step changes its parameters as the eager step does, bit for bit")
  func trainingStep() throws {
    let (eager, captured) = (TinyNetwork(), TinyNetwork())
    let graph = try capture(
      [("x", TensorSpec(.float32, [4, 3])), ("y", TensorSpec(.float32, [4, 2]))], naming: captured.named
    ) { [("loss", captured.step($0["x"]!, $0["y"]!))] }
    #expect(graph.variables.map(\.name).sorted() == ["first.weight", "second.weight", "steps"])
    #expect(graph.variables.allSatisfy { $0.update != nil })
    for graph in [graph, try graph.optimized()] {
      let executor = try CPUExecutor(graph)
      for step in 0..<3 {
        let x = pattern([4, 3], Double(step))
        let y = pattern([4, 2], Double(step) + 7)
        let expected = eager.step(x, y)
        let loss = try executor.run(["x": x, "y": y])["loss"]!
        #expect(sameBits(loss, expected), "loss at step \(step)")
        for ((name, mine), (_, theirs)) in zip(captured.named, eager.named) {
          #expect(sameBits(mine.value, theirs.value), "\(name) after step \(step)")
        }
      }
    }
    #expect(captured.first.gradient == nil, "gradients of a capture end with it")
  }

  @Test("updates go into the variables' own memory")
  func donation() throws {
    let network = TinyNetwork()
    let graph = try capture(
      [("x", TensorSpec(.float32, [4, 3])), ("y", TensorSpec(.float32, [4, 2]))]
    ) { [("loss", network.step($0["x"]!, $0["y"]!))] }
    let executor = try CPUExecutor(graph)
    #expect(try executor.memoryReport([[4, 3], [4, 2]]).donatedCount == 3)
    let memory = network.first.value.storage.pointer
    _ = try executor.run(["x": pattern([4, 3]), "y": pattern([4, 2])])
    #expect(network.first.value.storage.pointer == memory)
    let kept = network.first.value
    let before = kept.array(of: Float.self)
    _ = try executor.run(["x": pattern([4, 3]), "y": pattern([4, 2])])
    #expect(kept.array(of: Float.self) == before, "a tensor that somebody holds is not written over")
    #expect(network.first.value.array(of: Float.self) != before)
  }

  @Test("runs without updates leave variables alone")
  func withoutUpdates() throws {
    let network = TinyNetwork()
    let graph = try capture(
      [("x", TensorSpec(.float32, [4, 3])), ("y", TensorSpec(.float32, [4, 2]))]
    ) { [("loss", network.step($0["x"]!, $0["y"]!))] }
    let executor = try CPUExecutor(graph)
    let before = network.first.value.array(of: Float.self)
    let feeds = ["x": pattern([4, 3]), "y": pattern([4, 2])]
    let first = try executor.run(feeds, updatesVariables: false)["loss"]!
    let second = try executor.run(feeds, updatesVariables: false)["loss"]!
    #expect(sameBits(first, second))
    #expect(network.first.value.array(of: Float.self) == before)
  }

  @Test("gradients taken inside a capture equal eager ones")
  func gradients() throws {
    func slope(_ x: Tensor) -> Tensor {
      let leaf = x.requiringGradient()
      let y = ((leaf * leaf).sin() / (leaf.exp() + 1.0)).sum()
      return DeepSeekOperators.gradients(of: [y], withRespectTo: [leaf])[0]!
    }
    let graph = try capture(TensorSpec(.float64, [5]), slope)
    let x = pattern([5]).cast(to: .float64)
    #expect(sameBits(try CPUExecutor(graph)(x)[0], slope(x)))
  }

  @Test("two variables can trade places")
  func swap() throws {
    let (a, b) = (Parameter(Tensor([1.0, 2.0])), Parameter(Tensor([3.0, 4.0])))
    let graph = try capture([(name: "x", spec: TensorSpec(.float32, [2]))]) { inputs in
      let (first, second) = (a.value, b.value)
      a.value = second
      b.value = first
      return [("sum", inputs["x"]! + a.value)]
    }
    let sum = try CPUExecutor(graph)(Tensor([10.0, 10.0]))[0]
    #expect(sum.array(of: Float.self) == [13, 14])
    #expect(a.value.array(of: Float.self) == [3, 4])
    #expect(b.value.array(of: Float.self) == [1, 2])
  }

  @Test("equal constants are one; shared storage is one constant")
  func constants() throws {
    let table = pattern([8, 8])
    let graph = try capture(TensorSpec(.float32, [8, 8])) { ((2.0 * $0) + table) * 2.0 + table - 2.0 * $0 }
    #expect(graph.constants.count == 2)
  }

  @Test("an output that is an input, a constant or a view of either needs no node to run")
  func trivialOutputs() throws {
    let table = pattern([2, 3])
    let graph = try capture([TensorSpec(.float32, [2, 3])]) { [$0[0], table, $0[0].transposed(), table.transposed()] }
      .optimized()
    let x = pattern([2, 3], 5)
    let results = try CPUExecutor(graph)(x)
    for (result, expected) in zip(results, [x, table, x.transposed(), table.transposed()]) {
      #expect(sameBits(result, expected))
    }
  }

  @Test("an output stays as it was when the graph runs again")
  func outputsDoNotAlias() throws {
    let graph = try capture([TensorSpec(.float32, [16])]) { inputs in
      let y = (inputs[0] + 1.0).exp()
      return [y, y.reshaped(4, 4).transposed(), y * 2.0]
    }
    let executor = try CPUExecutor(graph)
    let first = try executor(pattern([16]))
    let before = first.map { $0.array(of: Float.self) }
    _ = try executor(pattern([16], 9))
    #expect(first.map { $0.array(of: Float.self) } == before)
  }

  @Test("a strided input gives the same as a contiguous one")
  func stridedInput() throws {
    let graph = try capture(TensorSpec(.float32, [3, 4])) { ($0.transposed() * 2.0).sum(axis: 0) }
    let executor = try CPUExecutor(graph)
    let x = pattern([4, 3]).transposed()
    #expect(sameBits(try executor(x)[0], try executor(x.contiguous())[0]))
    let part = pattern([5, 4]).sliced(0, 1..<4)
    #expect(sameBits(try executor(part)[0], (part.transposed() * 2.0).sum(axis: 0)))
  }
}

/// Two layers, squared error, plain gradient descent, and a count of steps.
private final class TinyNetwork {
  let first = Parameter(pattern([3, 5], 1))
  let second = Parameter(pattern([5, 2], 2))
  let steps = Parameter(Tensor([], [Int64(0)]))

  var named: [(name: String, parameter: Parameter)] {
    [("first.weight", first), ("second.weight", second), ("steps", steps)]
  }

  func step(_ x: Tensor, _ y: Tensor) -> Tensor {
    let prediction = x.matmul(first.tensor).tanh().matmul(second.tensor)
    let loss = (prediction - y).square().mean()
    var options = BackwardOptions()
    options.accumulatesIntoParameters = true
    _ = backward(from: [loss], gradients: [Tensor.ones(like: loss)], options: options)
    for parameter in [first, second] {
      parameter.value = parameter.value - parameter.gradient! * 0.1
      parameter.clearGradient()
    }
    steps.value = steps.value + 1
    return loss.detached()
  }
}
