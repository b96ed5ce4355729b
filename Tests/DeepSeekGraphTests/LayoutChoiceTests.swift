import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import TestSupport
import Testing

@Suite("Choice of layouts")
struct LayoutChoiceTests {
  private static let before: [GraphPass] = [.constantFolding, .simplification(), .commonSubexpressions]

  private func optimized(_ graph: Graph, choosing: Bool) throws -> Graph {
    try graph.optimized(
      LayoutChoiceTests.before + (choosing ? [.layoutChoice] : []) + [.fusion(), .deadCode, .elementwiseFusion])
  }

  /// What a run copies to lay it out otherwise: reshapes and transposes that no view can be, and products' inputs with gaps.
  private func copies(_ graph: Graph, _ inputs: [Tensor]) throws -> Int {
    try CPUExecutor(graph).profile(inputs).steps.reduce(0) { count, step in
      if ["reshape", "transpose"].contains(step.label) { return count + 1 }
      return count + (step.label == "linear" && step.areInputsStrided[0] ? 1 : 0)
    }
  }

  /// Compares a graph with and without the pass, and answers the operators' names and the copies of both.
  private func check(
    _ shapes: [Shape], _ body: ([Tensor]) -> Tensor, sourceLine: Int = #line
  ) throws -> (names: [String], before: Int, after: Int) {
    let graph = try capture(shapes.map { TensorSpec(.float32, $0) }) { [body($0)] }
    let inputs = shapes.enumerated().map { pattern($1, Double($0)) }
    let (plain, chosen) = (try optimized(graph, choosing: false), try optimized(graph, choosing: true))
    let difference = largestDifference(try CPUExecutor(chosen).run(inputs)[0], body(inputs))
    #expect(difference < 1e-5, "line \(sourceLine): \(difference)")
    return (chosen.nodes.map(\.operation.name), try copies(plain, inputs), try copies(chosen, inputs))
  }

  @Test("a product by a stored matrix is a linear operator, and takes in bias and activation, behind a reshape too")
  func storedMatrices() throws {
    let (weight, bias) = (pattern([8, 12], 5), pattern([12], 6))
    let direct = try check([[2, 5, 8]]) { x in (x[0].matmul(weight) + bias).relu() }
    #expect(direct.names == ["linear"])
    let flat = try check([[2, 5, 8]]) { x in
      let rows = x[0].reshaped(10, 8).matmul(weight) + bias
      let states = rows.reshaped(2, 5, 12)
      let bend = (states + states.power(3) * 0.044715) * (2 / Double.pi).squareRoot()
      return states * 0.5 * (bend.tanh() + 1)
    }
    #expect(flat.names == ["reshape", "linear", "reshape"])
    // A matrix that is not there before the run stays where it is.
    let made = try check([[5, 8], [8, 12]]) { x in x[0].matmul(x[1]) }
    #expect(made.names == ["matmul"])
  }

  @Test("a variable is read when the graph runs")
  func variables() throws {
    let weight = Parameter(pattern([8, 12], 5))
    let graph = try capture([TensorSpec(.float32, [5, 8])]) { [$0[0].matmul(weight.tensor).gelu()] }
    let chosen = try optimized(graph, choosing: true)
    #expect(chosen.nodes.map(\.operation.name) == ["transpose", "linear"])
    let executor = try CPUExecutor(chosen)
    let x = pattern([5, 8], 1)
    for _ in 0..<2 {
      #expect(largestDifference(try executor(x)[0], x.matmul(weight.value).gelu()) < 1e-5)
      weight.value = weight.value * 2
    }
  }

  @Test("a transposed product is made the right way round, so that what reads it copies nothing")
  func transposedProducts() throws {
    let weight = pattern([7, 5], 5)
    let found = try check([[2, 5, 8], [2, 8, 6]]) { x in x[0].matmul(x[1]).swappedAxes(1, 2).linear(weight) }
    #expect(found.before == 1 && found.after == 0)
    let joined = try check([[2, 5, 8], [2, 8, 6]]) { x in x[0].matmul(x[1]).swappedAxes(1, 2).reshaped(12, 5).exp() }
    #expect(joined.before == 1 && joined.after == 0)
  }

  @Test("transposes around functions of elements undo each other, and no bit changes")
  func sandwiches() throws {
    let order = [0, 2, 3, 1]
    func body(_ x: [Tensor]) -> Tensor {
      let (first, second) = (x[0].transposed(order), x[1].transposed(order))
      let sum = (first.relu() + second * 0.5) * Tensor([1], [Float(3)]) + pattern([1, 1, 1, 3], 7)
      return sum.transposed([0, 3, 1, 2]).reshaped(2, 60)
    }
    let found = try check([[2, 3, 4, 5], [2, 3, 4, 5]], body)
    #expect(found.after == 0 && !found.names.contains("transpose"), "\(found.names)")
    let shapes: [Shape] = [[2, 3, 4, 5], [2, 3, 4, 5]]
    let inputs = shapes.enumerated().map { pattern($1, Double($0)) }
    let graph = try capture(shapes.map { TensorSpec(.float32, $0) }) { [body($0)] }
    let chosen = try graph.applying(LayoutChoiceTests.before + [.layoutChoice, .simplification(), .deadCode])
    #expect(!chosen.nodes.contains { $0.operation is TransposeOperator })
    #expect(sameBits(try CPUExecutor(chosen).run(inputs)[0], body(inputs)))
  }

  @Test("a transpose that nothing undoes, or whose functions are read elsewhere, stays")
  func others() throws {
    let one = try check([[4, 6]]) { x in x[0].transposed().relu().transposed([0, 1]) + Tensor.ones([6, 4]) }
    #expect(one.names.contains("transpose"))
    let read = try check([[4, 6]]) { x in
      let turned = x[0].transposed().exp()
      return turned.transposed().reshaped(24).sum() + turned.sum()
    }
    #expect(read.names.filter { $0 == "exp" }.count == 1 && read.names.contains("transpose"))
    // Numbers of fewer axes are not turned with the rest.
    let row = try check([[4, 6]]) { x in (x[0].transposed() * pattern([4], 3)).transposed() }
    #expect(row.names.contains("transpose"))
  }
}
