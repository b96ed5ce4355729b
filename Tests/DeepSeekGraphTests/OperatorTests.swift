import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Testing

@Suite("Eager and captured agree")
struct OperatorTests {
  /// The outputs of a sample, and the gradients of the sum of its squares with respect to its floating inputs.
  private static func outputsAndGradients(_ sample: OperatorSample, _ inputs: [Tensor]) -> [Tensor] {
    let leaves = inputs.map { $0.dtype.isFloatingPoint ? $0.requiringGradient() : $0 }
    let outputs = sample.function(leaves)
    let tracked = outputs.filter(\.tracksGradient)
    let upstream = tracked.map { $0.detached() * 2.0 }
    let slopes = gradients(of: tracked, withRespectTo: leaves.filter(\.tracksGradient), gradients: upstream)
    return outputs.map { $0.detached() } + slopes.compactMap { $0 }
  }

  private static func graph(_ sample: OperatorSample) throws -> Graph {
    try capture(sample.inputs.map(\.spec)) { outputsAndGradients(sample, $0) }
  }

  @Test("outputs and gradients have the same bits, plain and optimized", arguments: OperatorSample.all)
  func sample(_ sample: OperatorSample) throws {
    let expected = RandomGenerator.withSeed(5) { OperatorTests.outputsAndGradients(sample, sample.inputs) }
    let graph = try OperatorTests.graph(sample)
    for (name, variant) in [("captured", graph), ("optimized", try graph.optimized())] {
      let executor = try CPUExecutor(variant)
      for round in 0..<2 {
        let results = try RandomGenerator.withSeed(5) { try executor.run(sample.inputs) }
        #expect(results.count == expected.count)
        for (place, (result, wanted)) in zip(results, expected).enumerated() {
          #expect(
            sameBits(result, wanted),
            "\(sample), \(name), output \(place), run \(round)\n\(result)\n\(wanted)\n\(variant)")
        }
      }
    }
  }

  @Test("every operator of the vocabulary is in a sample or its gradient")
  func coverage() throws {
    var met: Set<String> = []
    for sample in OperatorSample.all {
      for node in try OperatorTests.graph(sample).nodes { met.insert(Vocabulary.name(of: type(of: node.operation))) }
    }
    let missing = Set(Vocabulary.builtIn.map { Vocabulary.name(of: $0) }).subtracting(met)
    #expect(missing == [], "give each a row in OperatorSamples.swift")
  }

  @Test("a sample's graph is the same after it was written and read", arguments: OperatorSample.all)
  func serialization(_ sample: OperatorSample) throws {
    let graph = try OperatorTests.graph(sample)
    let copy = try rewritten(graph)
    #expect("\(copy)" == "\(graph)")
    for (original, read) in zip(graph.nodes, copy.nodes) {
      #expect(AnyHashable(original.operation) == AnyHashable(read.operation), "\(original.operation)")
    }
  }
}
