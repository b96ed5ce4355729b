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
    let covered = try types(of: OperatorSample.all)
    let missing = Vocabulary.builtIn.map { Vocabulary.name(of: $0) }.filter { !covered.contains($0) }
    #expect(missing == [], "these have no row in the operator table")
  }

  @Test("every operator type of the vocabulary has a row with a tensor that has no element")
  func emptyCoverage() throws {
    let covered = try types(
      of: OperatorSample.all.filter { sample in
        let inputs = sample.makeInputs(.float64)
        return (inputs + sample.run(inputs)).contains { $0.elementCount == 0 }
      })
    let missing = Vocabulary.builtIn.map { Vocabulary.name(of: $0) }.filter { !covered.contains($0) }
    #expect(missing == [], "these have no row without elements in the operator table")
  }

  /// The operator types that rows and their gradients apply.
  private func types(of samples: [OperatorSample]) throws -> Set<String> {
    var found = Set<String>()
    for sample in samples {
      for type in sample.covers { found.insert(Vocabulary.name(of: type)) }
      guard sample.captures else { continue }
      let specs = sample.makeInputs(.float64).map(\.spec)
      var graphs = [try capture(specs) { sample.body($0) }]
      if sample.derivatives > 0 { graphs.append(try capture(specs) { sample.gradientsOfSquares($0) }) }
      for graph in graphs {
        for node in graph.nodes { found.insert(Vocabulary.name(of: type(of: node.operation))) }
      }
    }
    return found
  }
}
