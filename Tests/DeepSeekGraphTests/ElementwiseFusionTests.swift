import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Elementwise fusion")
struct ElementwiseFusionTests {
  /// The graph of `body`, fused and without dead code.
  private func fused(_ specs: [TensorSpec], _ body: ([Tensor]) -> [Tensor]) throws -> Graph {
    try capture(specs) { body($0) }.applying([.elementwiseFusion, .deadCode])
  }

  @Test(
    "a chain over a bias, a number and two whole tensors is one node, with the bits of its steps",
    arguments: [
      (3, 5), (7, 3000), (1, 1), (5, 1), (4, 2048), (700, 8),
    ])
  func chain(_ rows: Int, _ columns: Int) throws {
    func body(_ x: [Tensor]) -> [Tensor] { [((x[0] + x[1]).tanh() * x[2] * 0.5 - x[0]).sigmoid()] }
    for type in [DType.float32, .float64, .bfloat16, .float16] {
      let specs = [Shape([rows, columns]), Shape([columns]), Shape([rows, columns])].map { TensorSpec(type, $0) }
      let graph = try fused(specs, body)
      #expect(graph.nodes.map(\.operation.name) == ["elementwise_chain"])
      let inputs = specs.enumerated().map { pattern($1.shape, Double($0)).cast(to: type) }
      let result = try CPUExecutor(graph).run(inputs)
      #expect(zip(result, body(inputs)).allSatisfy { sameBits($0, $1) }, "\(type)")
    }
  }

  @Test("lengths may be open, and inputs strided or empty")
  func openLengths() throws {
    let batch = Dimension.symbol("batch")
    let specs = [TensorSpec(.float32, Shape([batch, 6])), TensorSpec(.float32, [6])]
    func body(_ x: [Tensor]) -> [Tensor] { [(x[0] * x[1]).exp() + x[1]] }
    let executor = try CPUExecutor(fused(specs, body))
    #expect(executor.graph.nodes.count == 1)
    for rows in [0, 1, 5] {
      let inputs = [pattern([6, rows], 1).transposed(), pattern([6], 2)]
      #expect(zip(try executor.run(inputs), body(inputs)).allSatisfy { sameBits($0, $1) }, "\(rows) rows")
    }
  }

  @Test(
    "parts of one tensor are read where they lie, with the bits of their steps",
    arguments: [
      (3, 64), (2, 3000), (1, 40), (50, 33), (5, 4),
    ])
  func parts(_ rows: Int, _ columns: Int) throws {
    let spec = TensorSpec(.float32, [2, rows, 2 * columns])
    func body(_ x: [Tensor]) -> [Tensor] {
      let (gate, up) = (x[0].sliced(2, 0..<columns), x[0].sliced(2, columns..<2 * columns))
      return [gate * gate.sigmoid() * up, (gate + x[1]).tanh() * x[2]]
    }
    let specs = [spec, TensorSpec(.float32, [columns]), TensorSpec(.float32, [2, rows, columns])]
    let graph = try fused(specs, body)
    #expect(graph.nodes.count { $0.operation is ElementwiseChainOperator } == 2)
    let inputs = specs.enumerated().map { pattern($1.shape, Double($0)) }
    #expect(zip(try CPUExecutor(graph).run(inputs), body(inputs)).allSatisfy { sameBits($0, $1) })
  }

  @Test("what is read elsewhere, of another type or of another shape stays a node of its own")
  func limits() throws {
    let specs = [TensorSpec(.float32, [4, 4]), TensorSpec(.float32, [4, 1])]
    let shared = try fused(specs) { x in
      let middle = x[0].exp() * 2
      return [middle.tanh() + 1, middle]
    }
    #expect(shared.nodes.map(\.operation.name).sorted() == ["elementwise_chain", "elementwise_chain"])
    let column = try fused(specs) { x in [(x[0] + x[1]).exp()] }
    #expect(column.nodes.map(\.operation.name) == ["add", "exp"])
    let typed = try fused(specs) { x in [x[0].exp().cast(to: .float64).tanh()] }
    #expect(!typed.nodes.contains { $0.operation is ElementwiseChainOperator })
  }

  @Test("a chain is no longer than its limit")
  func length() throws {
    let graph = try fused([TensorSpec(.float32, [8])]) { x in
      [(0..<150).reduce(x[0]) { value, _ in value.tanh() }]
    }
    #expect(graph.nodes.count == 3)
    let input = pattern([8], 1)
    let expected = (0..<150).reduce(input) { value, _ in value.tanh() }
    #expect(sameBits(try CPUExecutor(graph).run([input])[0], expected))
  }

  @Test("a damaged chain is refused")
  func damaged() {
    let add = ElementwiseChainOperator.Step.binary(BinaryOperator(.add), 0, 1)
    let spec = TensorSpec(.float32, [2, 3])
    func infer(_ chain: ElementwiseChainOperator, _ specs: [TensorSpec]) throws { _ = try chain.infer(specs) }
    #expect(throws: OperatorError.self) { try infer(.init(inputCount: 1, steps: [add]), [spec]) }
    #expect(throws: OperatorError.self) { try infer(.init(inputCount: 0, steps: [add]), []) }
    #expect(throws: OperatorError.self) { try infer(.init(inputCount: 2, steps: []), [spec, spec]) }
    #expect(throws: OperatorError.self) {
      try infer(.init(inputCount: 2, steps: [.binary(BinaryOperator(.add), -1, 1)]), [spec, spec])
    }
    #expect(throws: OperatorError.self) {
      try infer(.init(inputCount: 2, steps: [add]), [spec, TensorSpec(.float32, [2, 1])])
    }
  }

  @Test("gradients go through the steps")
  func gradients() {
    let chain = ElementwiseChainOperator(
      inputCount: 2, steps: [.binary(BinaryOperator(.multiply), 0, 1), .unary(UnaryOperator(.tanh), 2)])
    let inputs = [pattern([3, 4], 1), pattern([4], 2)].map { $0.requiringGradient() }
    func gradients(_ output: Tensor) -> [Tensor?] {
      DeepSeekOperators.gradients(of: [output.sum()], withRespectTo: inputs)
    }
    let (mine, theirs) = (gradients(apply(chain, inputs)[0]), gradients((inputs[0] * inputs[1]).tanh()))
    for (a, b) in zip(mine, theirs) { #expect(sameBits(a!, b!)) }
  }

  @Test("each step of a profiled run is timed, with what it reads and writes")
  func profile() throws {
    let graph = try capture([TensorSpec(.float32, [64, 32]), TensorSpec(.float32, [16, 32])]) { x in
      [x[0].linear(x[1]).tanh()]
    }
    let inputs = [pattern([64, 32], 1), pattern([16, 32], 2)]
    let executor = try CPUExecutor(graph)
    let (outputs, steps) = try executor.profile(inputs)
    #expect(sameBits(outputs[0], try executor.run(inputs)[0]))
    #expect(steps.map(\.label) == ["linear", "tanh"])
    #expect(steps[0].cost.operations == 2 * 64 * 32 * 16)
    #expect(steps[0].outputs == [TensorSpec(.float32, [64, 16])])
    #expect(steps[1].start >= steps[0].start + steps[0].duration)
  }
}
