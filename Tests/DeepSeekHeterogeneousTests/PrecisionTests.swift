import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A transformer's feed-forward half: two products, an activation between them, a residual and a normalization.
private final class Block: Layer {
  let first = Linear(96, 160)
  let second = Linear(160, 96)
  let norm = LayerNorm(96)

  func callAsFunction(_ x: Tensor) -> Tensor { norm(x + second(first(x).gelu())) }

  static func make() -> Block { RandomGenerator.withSeed(5) { Block() } }
}

private func cosine(_ a: Tensor, _ b: Tensor) -> Double {
  let product = (a * b).sum().item(as: Double.self)
  return product / (a.sumSquares().item(as: Double.self) * b.sumSquares().item(as: Double.self)).squareRoot()
}

@Suite("Programs in bfloat16")
struct PrecisionTests {
  private static let low = CompileOptions(precision: .bfloat16)
  private static let exact = CompileOptions(fidelity: .exact, precision: .bfloat16)

  private func types(_ graph: Graph, _ name: String) -> [DType] {
    graph.nodes.filter { $0.operation.name == name }.map { graph.spec($0.outputs[0]).dtype }
  }

  @Test("products run in 16 bits, whose weights take half the bytes, and nothing else does")
  func types() throws {
    let model = Block.make()
    let program = try model.compiled(for: pattern([2, 96], 1), options: PrecisionTests.low)
    let graph = program.graph
    #expect(types(graph, "packed_linear") == [.bfloat16, .bfloat16])
    #expect(types(graph, "linear").isEmpty)
    #expect(types(graph, "cast").filter { $0 == .bfloat16 }.count == 1, "the input alone is cast: \(graph)")
    #expect(graph.outputSpec("output")?.dtype == .float32)
    // Two weights and their biases in two bytes, the normalization's two vectors in four.
    #expect(program.constantByteCount == 2 * (2 * 96 * 160 + 160 + 96) + 4 * 2 * 96)
  }

  @Test("without fusion every bit is the model's under autocast, and with it the difference is one of rounding")
  func autocasted() throws {
    let model = Block.make()
    let exact = try model.compiled(for: pattern([2, 96], 1), options: PrecisionTests.exact)
    let fused = try model.compiled(for: pattern([2, 96], 1), options: PrecisionTests.low)
    for rows in [1, 3, 40] {
      let x = pattern([rows, 96], Double(rows))
      let (eager, full) = noGradient { (autocast(.bfloat16) { model(x) }, model(x)) }
      #expect(sameBits(try exact(x)[0], eager), "\(rows) rows")
      #expect(cosine(try fused(x)[0], full) > 0.9999, "\(rows) rows")
      #expect(largestDifference(try fused(x)[0], full) > 0)
    }
  }

  @Test("steep functions are computed in float32, and an output is what the model gives")
  func steep() throws {
    let weight = pattern([64, 32], 2)
    func compute(_ x: Tensor) -> Tensor { x.linear(weight).exp() }
    let program = try Program([("x", TensorSpec(.float32, [4, 32]))], options: PrecisionTests.exact) {
      [("exponential", compute($0["x"]!)), ("product", $0["x"]!.linear(weight))]
    }
    #expect(types(program.graph, "exp") == [.float32])
    let x = pattern([4, 32], 3)
    let (exponential, product) = noGradient {
      autocast(.bfloat16) { (compute(x), x.linear(weight)) }
    }
    let found = try program(x)
    #expect(sameBits(found[0], exponential))
    #expect(sameBits(found[1], product.cast(to: .float32)))
  }

  @Test("views, chains and stacks of products follow, in a graph that was made elsewhere too")
  func graphs() throws {
    let (weight, bias) = (pattern([32, 48], 1) * 0.05, pattern([48], 2) * 0.3)
    let graph = try capture([TensorSpec(.float32, [2, 6, 32])]) { inputs in
      let states = (inputs[0].matmul(weight) + bias).reshaped([2, 6, 3, 16]).swappedAxes(1, 2)
      let scores = (states.matmul(states.swappedAxes(2, 3)) * 0.25).relu()
      return [scores.softmax(), scores.argmax(axis: -1)]
    }
    let low = try Program(graph, options: PrecisionTests.low)
    #expect(types(low.graph, "matmul") == [.bfloat16])
    #expect(types(low.graph, "linear") + types(low.graph, "matmul") == [.bfloat16, .bfloat16])
    #expect(types(low.graph, "softmax") == [.float32])
    let x = pattern([2, 6, 32], 4)
    let (found, expected) = (try low(x), try Program(graph)(x))
    #expect(found.map(\.dtype) == expected.map(\.dtype))
    #expect(largestDifference(found[0], expected[0]) < 0.02)
  }

  @Test("weights that are not frozen are read when the program runs")
  func variables() throws {
    let model = Block.make()
    let options = CompileOptions(freezesWeights: false, precision: .bfloat16)
    let program = try model.compiled(for: pattern([2, 96], 1), options: options)
    let x = pattern([4, 96], 1)
    let before = try program(x)[0]
    model.norm.bias!.value = model.norm.bias!.value + 1
    model.second.weight.value = model.second.weight.value * 2
    #expect(largestDifference(try program(x)[0], before) > 0.5)
    #expect(cosine(try program(x)[0], noGradient { model(x) }) > 0.9999)
  }

  @Test("a program's file keeps the type")
  func file() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("low.dsprogram")
    let program = try Block.make().compiled(for: pattern([2, 96], 1), options: PrecisionTests.low)
    try program.write(to: path)
    let opened = try Program(contentsOf: path)
    let x = pattern([5, 96], 1)
    #expect(sameBits(try opened(x)[0], try program(x)[0]))
    #expect(opened.constantByteCount == program.constantByteCount)
  }

  @Test("a compiled training step in bfloat16 moves weights as eager steps under autocast do, bit for bit")
  func training() throws {
    func make() -> (Sequential, Optimizer) {
      let model = RandomGenerator.withSeed(3) { Sequential(Linear(8, 64), Tanh(), LayerNorm(64), Linear(64, 3)) }
      return (model, Optimizer(model, AdamW(learningRate: 1e-2)))
    }
    let (mine, theirs) = (make(), make())
    let labels = Tensor([6], (0..<6).map { Int64($0 % 3) })
    let x = pattern([6, 8], 1)
    let inputs = [(name: "x", spec: x.spec), (name: "labels", spec: labels.spec)]
    let step = try TrainingProgram(mine.0, mine.1, inputs, clippingNorm: 1, precision: .bfloat16) {
      mine.0($0["x"]!).crossEntropy($0["labels"]!)
    }
    #expect(types(step.graph, "matmul").contains(.bfloat16))
    var losses: [Double] = []
    for _ in 0..<6 {
      let loss = autocast(.bfloat16) { theirs.0(x).crossEntropy(labels) }
      loss.backward()
      theirs.1.step(clippingNorm: 1)
      theirs.1.zeroGradients()
      #expect(sameBits(try step(["x": x, "labels": labels]), loss.detached()))
      losses.append(loss.item(as: Double.self))
    }
    #expect(losses[5] < losses[0], "\(losses)")
    for (a, b) in zip(mine.0.namedParameters(), theirs.0.namedParameters()) {
      #expect(a.parameter.spec.dtype == .float32 && sameBits(a.parameter.value, b.parameter.value), "\(a.name)")
    }
  }
}
