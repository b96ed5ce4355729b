import DeepSeekEngines
import DeepSeekGraph
import DeepSeekTensor
import OperatorSamples
import Testing

@Suite("Engines: every operator", .serialized)
struct ConformanceTests {
  @Test("an engine gives what the framework's own kernels give", arguments: TestedEngine.present)
  func values(_ engine: TestedEngine) throws {
    var missing = Set<String>()
    for row in EngineCase.all {
      let inputs = row.inputs()
      let graph = try row.graph(inputs)
      let expected = try CPUExecutor(graph).run(inputs)
      do {
        let results = try engine.backend.makeExecutor(graph).run(inputs)
        if let problem = Comparison.problem(results, expected, tolerance: row.tolerance) {
          Issue.record("\(engine.testDescription): \(row.testDescription): \(problem)")
        }
      } catch EngineError.unsupportedOperators(_, let counts) {
        missing.formUnion(counts.keys)
      } catch {
        Issue.record("\(engine.testDescription): \(row.testDescription): \(error)")
      }
    }
    #expect(missing == engine.unsupported, "what \(engine.testDescription) lacks is what is declared")
  }
}
