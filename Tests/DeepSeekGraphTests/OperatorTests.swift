import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators in files")
struct OperatorTests {
  static let rows = OperatorSample.all.filter(\.captures)

  @Test("an operator's graph, and its gradient's, is the same after it was written and read", arguments: rows)
  func serialization(_ sample: OperatorSample) throws {
    let specs = sample.makeInputs(.float64).map(\.spec)
    var graphs = [try capture(specs) { sample.body($0) }]
    if sample.derivatives > 0 { graphs.append(try capture(specs) { sample.gradients($0) }) }
    for graph in graphs {
      let copy = try rewritten(graph)
      #expect("\(copy)" == "\(graph)")
      for (original, read) in zip(graph.nodes, copy.nodes) {
        #expect(AnyHashable(original.operation) == AnyHashable(read.operation), "\(original.operation)")
      }
    }
  }
}
