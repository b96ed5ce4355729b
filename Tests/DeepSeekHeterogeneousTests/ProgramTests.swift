import DeepSeekDynamic
import DeepSeekGraph
import DeepSeekHeterogeneous
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

/// A layer as attention has it: three projections of one input, then something of each.
private final class Projections: Module {
  let query = Linear(96, 64)
  let key = Linear(96, 64)
  let value = Linear(96, 32)

  func callAsFunction(_ x: Tensor) -> Tensor {
    let scores = (query(x) * key(x)).sum(axis: -1, keepAxes: true)
    return (scores * 0.125).tanh() * value(x).gelu()
  }
}

@Suite("Programs")
struct ProgramTests {
  private let batch = Dimension.symbol("batch")

  private func program(_ model: Projections, _ options: CompileOptions) throws -> Program {
    try Program(
      [("x", TensorSpec(.float32, Shape([batch, 96])))],
      naming: model.namedParameters().map { ($0.name, $0.parameter) }, options: options
    ) { [("y", model($0["x"]!))] }
  }

  @Test(
    "a program of any fidelity gives what the model does, for any batch",
    arguments: [
      CompileOptions.Fidelity.exact, .fused,
    ])
  func equalsEager(_ fidelity: CompileOptions.Fidelity) throws {
    let model = Projections()
    let program = try program(model, CompileOptions(fidelity: fidelity))
    #expect(program.graph.variables.isEmpty)
    for rows in [1, 3, 40, 200] {
      let x = pattern([rows, 96], Double(rows))
      let (mine, theirs) = (try program(x)[0], noGradient { model(x) })
      if fidelity == .exact {
        #expect(sameBits(mine, theirs), "\(rows) rows")
      } else {
        #expect(largestDifference(mine, theirs) < 1e-5, "\(rows) rows")
      }
    }
  }

  @Test("projections of one tensor become one product")
  func projections() throws {
    let exact = try program(Projections(), CompileOptions(fidelity: .exact)).graph
    #expect(exact.nodes.count { $0.operation is PackedLinearOperator } == 1)
    // Fused, the values' product takes in the activation behind it, and stays one of its own.
    let fused = try program(Projections(), CompileOptions()).graph
    #expect(fused.nodes.count { $0.operation is PackedLinearOperator } == 2)
    #expect(fused.nodes.contains { $0.operation is ElementwiseChainOperator })
  }

  @Test("a residual and its normalization become one operator, which gives the sum too")
  func residuals() throws {
    let (weight, bias) = (pattern([24], 1), pattern([24], 2))
    let row = TensorSpec(.float32, Shape([batch, 24]))
    func compute(_ x: Tensor, _ y: Tensor) -> [(name: String, tensor: Tensor)] {
      let sum = x + y
      let normalized = sum.layerNorm(weight: weight, bias: bias)
      return [("normalized", normalized), ("next", sum + normalized.tanh())]
    }
    func operators(_ fidelity: CompileOptions.Fidelity) throws -> (Program, [String]) {
      let program = try Program([("x", row), ("y", row)], options: CompileOptions(fidelity: fidelity)) {
        compute($0["x"]!, $0["y"]!)
      }
      return (program, program.graph.nodes.map(\.operation.name))
    }
    let (fused, names) = try operators(.fused)
    #expect(names == ["add_layer_norm", "elementwise_chain"])
    #expect(try operators(.exact).1.contains("layer_norm"))
    let (x, y) = (pattern([5, 24], 3), pattern([5, 24], 4))
    for (found, expected) in zip(try fused(x, y), compute(x, y)) {
      #expect(largestDifference(found, expected.tensor) < 1e-5)
    }
    // One number is added to all: there is nothing that a residual's kernel could read.
    let other = try Program([("x", row)]) { [("y", ($0["x"]! + 1).layerNorm(weight: weight, bias: bias))] }
    #expect(other.graph.nodes.contains { $0.operation is LayerNormOperator })
  }

  @Test("weights that are not frozen are read when the program runs")
  func variables() throws {
    let model = Projections()
    let program = try program(model, CompileOptions(freezesWeights: false))
    let frozen = try self.program(model, CompileOptions())
    let x = pattern([4, 96], 1)
    let before = try program(x)[0]
    model.value.bias!.value = model.value.bias!.value + 1
    #expect(largestDifference(try program(x)[0], noGradient { model(x) }) < 1e-5)
    #expect(sameBits(try frozen(x)[0], before))
  }

  @Test("what does not fit a guard is refused by name")
  func guards() throws {
    let program = try program(Projections(), CompileOptions())
    let error = #expect(throws: GraphError.self) { try program(pattern([2, 95], 1)) }
    #expect(error?.description.contains("'x'") == true)
    #expect(throws: GraphError.self) { try program(pattern([2, 96], 1).cast(to: .float64)) }
  }

  @Test("a program may be run by many threads at once")
  func threads() async throws {
    let model = Projections()
    let program = try program(model, CompileOptions())
    let inputs = (0..<32).map { pattern([1 + $0 % 5, 96], Double($0)) }
    let expected = try inputs.map { try program($0)[0] }
    try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for index in inputs.indices { group.addTask { (index, try program(inputs[index])[0]) } }
      for try await (index, result) in group { #expect(sameBits(result, expected[index])) }
    }
  }

  @Test("a layer compiles for an example, with open axes")
  func layer() throws {
    let model = Sequential(Linear(8, 16), ReLU(), Linear(16, 3))
    let program = try model.compiled(for: pattern([2, 8], 1))
    let x = pattern([7, 8], 2)
    #expect(largestDifference(try program(x)[0], noGradient { model(x) }) < 1e-6)
    let fixed = try model.compiled(for: pattern([2, 8], 1), dynamicAxes: [])
    #expect(throws: GraphError.self) { try fixed(x) }
  }

  @Test("a compiled function is compiled again for other kinds of inputs, up to its limit")
  func recompiles() throws {
    let function = CompiledFunction(dynamicAxes: [[0]], policy: .recompiles(limit: 2)) { [($0[0] * 2).exp() + $0[0]] }
    for shape in [Shape([2, 3]), [5, 3], [2, 4]] {
      let x = pattern(shape, 1)
      #expect(sameBits(try function(x)[0], (x * 2).exp() + x))
    }
    #expect(function.programCount == 2)
    let error = #expect(throws: CompilationError.self) { try function(pattern([2, 5], 1)) }
    #expect(error?.description.contains("[any, 3]") == true)
  }

  @Test("a compiled function that refuses takes only inputs like the first")
  func refuses() throws {
    let function = CompiledFunction(policy: .refuses) { [$0[0] + 1] }
    _ = try function(pattern([2], 1))
    #expect(throws: CompilationError.self) { try function(pattern([3], 1)) }
    #expect(throws: CompilationError.self) { try function(pattern([2], 1).cast(to: .float64)) }
  }

  @Test("a captured step repeats on new inputs of its shape alone")
  func capturedStep() throws {
    let model = Sequential(Linear(8, 16), ReLU(), Linear(16, 3))
    let step = try CapturedStep(pattern([4, 8], 1)) { model($0) }
    for phase in 0..<3 {
      let x = pattern([4, 8], Double(phase))
      #expect(largestDifference(try step(x), noGradient { model(x) }) < 1e-6)
    }
    #expect(throws: GraphError.self) { try step(pattern([5, 8], 1)) }
  }

  @Test("a compiled training step moves weights as eager steps do, bit for bit")
  func training() throws {
    func make() -> (Sequential, Optimizer) {
      let model = RandomGenerator.$current.withValue(RandomGenerator(seed: 3)) {
        Sequential(Linear(8, 16), Tanh(), Linear(16, 3))
      }
      return (model, Optimizer(model, AdamW(learningRate: 1e-2)))
    }
    let (mine, theirs) = (make(), make())
    let labels = Tensor([6], (0..<6).map { Int64($0 % 3) })
    let x = pattern([6, 8], 1)
    let step = try TrainingProgram(mine.0, mine.1, [("x", x.spec), ("labels", labels.spec)], clippingNorm: 1) {
      mine.0($0["x"]!).crossEntropy($0["labels"]!)
    }
    for _ in 0..<4 {
      let loss = theirs.0(x).crossEntropy(labels)
      loss.backward()
      theirs.1.step(clippingNorm: 1)
      theirs.1.zeroGradients()
      #expect(sameBits(try step(["x": x, "labels": labels]), loss.detached()))
    }
    for (a, b) in zip(mine.0.namedParameters(), theirs.0.namedParameters()) {
      #expect(sameBits(a.parameter.value, b.parameter.value), "\(a.name)")
    }
  }

  @Test("a program's file opens to a program with the same bits")
  func file() throws {
    let folder = try TemporaryFolder()
    let program = try program(Projections(), CompileOptions())
    let path = folder.file("projections.dsprogram")
    try program.write(to: path)
    let opened = try Program(contentsOf: path)
    let x = pattern([5, 96], 1)
    #expect(sameBits(try opened(x)[0], try program(x)[0]))
    #expect(opened.constantByteCount == program.constantByteCount)
    // Packed weights are read where the mapped file has them.
    let weights = opened.graph.constants.map(\.tensor).filter { $0.storage.byteCount > 4096 }
    #expect(!weights.isEmpty)
    for weight in weights {
      #expect(!weight.storage.isWritable && Int(bitPattern: weight.pointer) % 64 == 0)
    }
  }

  @Test("packed weights give the bits of plain ones, and take no memory beside them")
  func packing() throws {
    let graph = try program(Projections(), CompileOptions(fidelity: .exact)).graph
    #expect(!graph.nodes.contains { $0.operation is LinearOperator })
    #expect(graph.constants.reduce(0) { $0 + $1.tensor.elementCount } <= 96 * 160 + 160 + 2)
    // Weights below the limit of packing stay as they are.
    let small = try Linear(8, 16).compiled(for: pattern([2, 8], 1)).graph
    #expect(small.nodes.contains { $0.operation is LinearOperator })
  }

  @Test("an explanation counts the rows of a table that are read, and packed sequences each with itself")
  func costs() throws {
    let (rows, width) = (12, 16)
    let specs: [(name: String, spec: TensorSpec)] = [
      ("ids", TensorSpec(.int64, [rows])), ("offsets", TensorSpec(.int32, [4])),
    ]
    let table = pattern([5000, width], 1)
    func attention(_ inputs: [String: Tensor], offsets: Tensor?, isCausal: Bool) -> Tensor {
      let heads = Tensor.embedding(table, inputs["ids"]!).reshaped(1, rows, 2, width / 2).swappedAxes(1, 2)
      return Tensor.attention(query: heads, key: heads, value: heads, offsets: offsets, isCausal: isCausal)
    }
    let inputs = [Tensor([rows], (0..<Int64(rows)).map { $0 * 7 }), Tensor([4], [Int32(0), 2, 5, 12])]
    let packed = try Program(specs) { [("y", attention($0, offsets: $0["offsets"]!, isCausal: false))] }
    let steps = try packed.explain(inputs, runs: 1).steps
    // 2·2 + 3·3 + 7·7 pairs for each head, two products over 8 elements.
    #expect(steps.first { $0.label == "attention" }?.operations == Double(2 * 2 * (4 + 9 + 49) * 16))
    let read = rows * width * 4
    #expect(steps.first { $0.label == "embedding" }?.bytes == Double(2 * read + rows * 8))
    let causal = try Program(specs) { inputs in
      [("y", attention(inputs, offsets: nil, isCausal: true) + inputs["offsets"]!.sum().cast(to: .float32))]
    }
    let pairs = rows * (rows + 1) / 2
    #expect(
      try causal.explain(inputs, runs: 1).steps.first { $0.label == "attention" }?.operations
        == Double(2 * 2 * pairs * 16))
  }

  @Test("an explanation has a row for each step, and a trace that Perfetto reads")
  func explanation() throws {
    let program = try program(Projections(), CompileOptions())
    let limits = MachineLimits(operationsPerSecond: 1e11, bytesPerSecond: 1e10)
    let explanation = try program.explain([pattern([64, 96], 1)], runs: 3, limits: limits)
    #expect(explanation.steps.contains { $0.label == "packed_linear" && $0.operations == 2 * 64 * 96 * 128 })
    #expect(explanation.steps.allSatisfy { $0.seconds > 0 && $0.shareOfLimit != nil })
    #expect(explanation.constantBytes >= (96 * 160 + 160) * 4)
    #expect(explanation.byOperator.reduce(0) { $0 + $1.count } == explanation.steps.count)
    #expect(explanation.byOperator.allSatisfy { ($0.shareOfLimit ?? 0) > 0 })
    let products = explanation.steps.filter { $0.label == "packed_linear" }.map(\.fused)
    #expect(Set(products) == [["product", "bias"], ["product", "bias", "gelu"]])
    let chain = explanation.steps.first { $0.label == "elementwise_chain" }?.fused ?? []
    #expect(chain.contains("tanh") && chain.count > 1)
    let text = "\(explanation)".split(separator: "\n")
    #expect(text.count == explanation.byOperator.count + 2)
    #expect(text.contains { $0.hasPrefix("packed_linear (product + bias + gelu)") && $0.contains("%") })
    #expect(explanation.table(bySteps: true).count == explanation.steps.count + 2)
    let events = try #require(explanation.trace["traceEvents"]?.array)
    #expect(events.count == explanation.steps.count)
    #expect(events.allSatisfy { $0["ph"]?.string == "X" && $0["dur"]?.double != nil })
  }
}
