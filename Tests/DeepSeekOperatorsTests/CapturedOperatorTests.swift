import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Operators: captured")
struct CapturedOperatorTests {
  static let rows = OperatorSample.all.filter(\.captures)

  @Test("a captured operator gives what the eager one gives, bit for bit, optimized or not", arguments: rows)
  func values(_ sample: OperatorSample) throws {
    let inputs = sample.makeInputs(sample.dtypes.last ?? .float32)
    let expected = sample.run(inputs)
    let graph = try capture(inputs.map(\.spec)) { sample.body($0) }
    for (kind, graph) in [("as captured", graph), ("optimized", try graph.optimized())] {
      let results = try CPUExecutor(graph).run(inputs)
      #expect(Comparison.areIdentical(results, expected), "\(sample), \(kind)")
    }
  }

  @Test(
    "a captured gradient is the eager one", arguments: rows.filter { $0.derivatives > 0 && !$0.differentiable.isEmpty })
  func gradients(_ sample: OperatorSample) throws {
    let inputs = sample.makeInputs(.float64)
    let expected = sample.gradientsOfSquares(inputs)
    let graph = try capture(inputs.map(\.spec)) { sample.gradientsOfSquares($0) }
    let results = try CPUExecutor(try graph.optimized()).run(inputs)
    if let problem = Comparison.problem(results, expected, tolerance: Comparison.tolerance(.float64) * 4) {
      Issue.record("\(sample): \(problem)")
    }
  }

  @Test("every operator type of the vocabulary has a row")
  func coverage() throws {
    var covered = Set<String>()
    for sample in OperatorSample.all {
      for type in sample.covers { covered.insert(Vocabulary.name(of: type)) }
      guard sample.captures else { continue }
      let specs = sample.makeInputs(.float64).map(\.spec)
      var graphs = [try capture(specs) { sample.body($0) }]
      if sample.derivatives > 0 { graphs.append(try capture(specs) { sample.gradientsOfSquares($0) }) }
      for graph in graphs {
        for node in graph.nodes { covered.insert(Vocabulary.name(of: type(of: node.operation))) }
      }
    }
    for type in Vocabulary.builtIn {
      let name = Vocabulary.name(of: type)
      #expect(covered.contains(name), "\(name) has no row in the operator table")
    }
  }
}
