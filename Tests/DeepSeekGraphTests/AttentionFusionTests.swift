import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Attention fusion")
struct AttentionFusionTests {
  private let shapes: [Shape] = [[2, 3, 5, 8], [2, 3, 7, 8], [2, 3, 7, 4], [2, 1, 1, 7]]

  private func check(_ body: ([Tensor]) -> Tensor, fuses: Bool = true, sourceLine: Int = #line) throws {
    let graph = try capture(shapes.map { TensorSpec(.float32, $0) }) { [body($0)] }
    let fused = try graph.applying([.attentionFusion, .deadCode])
    #expect(fused.nodes.contains { $0.operation is AttentionOperator } == fuses, "line \(sourceLine)")
    #expect(fused.nodes.contains { $0.operation is SoftmaxOperator } == !fuses, "line \(sourceLine)")
    let inputs = shapes.enumerated().map { pattern($1, Double($0)) }
    #expect(largestDifference(try CPUExecutor(fused).run(inputs)[0], body(inputs)) < 1e-6, "line \(sourceLine)")
  }

  @Test("scale and mask in any usual place are taken in")
  func forms() throws {
    try check { x in (x[0].matmul(x[1].swappedAxes(2, 3)) * 0.35 + x[3]).softmax(axis: -1).matmul(x[2]) }
    try check { x in (x[3] + x[0].matmul(x[1].swappedAxes(2, 3)) / 2.8).softmax(axis: -1).matmul(x[2]) }
    try check { x in x[0].matmul(x[1].swappedAxes(2, 3)).softmax(axis: -1).matmul(x[2]) }
    try check { x in
      (x[0].matmul(x[1].swappedAxes(2, 3)) * Tensor([1], [Float(0.5)])).softmax(axis: -1).matmul(x[2])
    }
  }

  @Test("keys that were laid out otherwise are turned")
  func keys() throws {
    let keys = TensorSpec(.float32, [2, 7, 3, 8])
    let specs = [TensorSpec(.float32, shapes[0]), keys, TensorSpec(.float32, shapes[2])]
    func body(_ x: [Tensor]) -> Tensor {
      (x[0].matmul(x[1].transposed([0, 2, 3, 1])) * 0.35).softmax(axis: -1).matmul(x[2])
    }
    let fused = try capture(specs) { [body($0)] }.applying([.attentionFusion, .deadCode])
    #expect(fused.nodes.contains { $0.operation is AttentionOperator })
    let inputs = specs.enumerated().map { pattern($1.shape, Double($0)) }
    #expect(largestDifference(try CPUExecutor(fused).run(inputs)[0], body(inputs)) < 1e-6)
  }

  @Test("GELU written out in any order is one function")
  func gelu() throws {
    let root = 2.0.squareRoot()
    func first(_ x: Tensor) -> Tensor {
      let inner = (x / root).erf()
      return x * (1 + inner) * 0.5
    }
    func second(_ x: Tensor) -> Tensor {
      let inner = (x * (1 / root)).erf()
      return 0.5 * x * (inner + 1)
    }
    func third(_ x: Tensor) -> Tensor {
      let inner = (x / Tensor([1], [Float(root)])).erf()
      return (x * 0.5) * (Tensor([], [Float(1)]) + inner)
    }
    let forms: [(Tensor) -> Tensor] = [first, second, third]
    let input = pattern([5, 9], 1)
    for form in forms {
      let graph = try capture([TensorSpec(.float32, [5, 9])]) { [form($0[0])] }
      let fused = try graph.applying([.fusion(), .deadCode])
      #expect(fused.nodes.map(\.operation.name) == ["gelu"])
      #expect(largestDifference(try CPUExecutor(fused).run([input])[0], form(input)) < 1e-6)
    }
    let other = try capture([TensorSpec(.float32, [5, 9])]) { x in
      let inner = (x[0] / 1.5).erf()
      return [x[0] * (1 + inner) * 0.5]
    }
    #expect(try other.applying([.fusion()]).nodes.contains { $0.operation.name == "erf" })
  }

  @Test("what is not attention stays")
  func others() throws {
    try check({ x in x[0].matmul(x[1].swappedAxes(2, 3)).softmax(axis: 2).matmul(x[2]) }, fuses: false)
    try check(
      { x in
        let weights = x[0].matmul(x[1].swappedAxes(2, 3)).softmax(axis: -1)
        return weights.matmul(x[2]) + weights.sum()
      }, fuses: false)
  }
}
