import DeepSeekCheckpoints
import DeepSeekOperators
import DeepSeekTensor
import Foundation
import OperatorSamples
import TestSupport
import Testing

@testable import DeepSeekGraph

@Suite("Graphs in files")
struct SerializationTests {
  /// A path that is gone when the test ends.
  private static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  private static func sample(_ weight: Parameter) throws -> Graph {
    let (batch, length) = (Dimension.symbol("batch"), Dimension.symbol("length"))
    return try capture(
      [("x", TensorSpec(.float32, Shape([batch, length, 4])))], naming: [("weight", weight)]
    ) { inputs in
      let x = inputs["x"]!
      let flat = x.reshaped([batch * length, 4]).matmul(weight.tensor)
      let y = (flat.reshaped([batch, length, 4]) + pattern([4])).clamp(-.infinity, 0.5)
      weight.value = weight.value * 0.5
      return [("y", y.dropout(0.25, key: RandomGenerator.current.nextKey())), ("sum", y.sum(axis: 1))]
    }
  }

  @Test("a graph read back is the graph written: same text, same results, symbols and state included")
  func roundTrip() throws {
    let weight = Parameter(pattern([4, 4]))
    let graph = try SerializationTests.sample(weight)
    try SerializationTests.withPath { path in
      try graph.write(to: path)
      let copy = try Graph(contentsOf: path)
      #expect("\(copy)" == "\(graph)")
      #expect(copy.dot == graph.dot)
      #expect(sameBits(copy.variables[0].parameter.value, weight.value))
      let (mine, theirs) = (try CPUExecutor(graph), try CPUExecutor(copy))
      for shape in [[2, 3, 4], [1, 5, 4]] as [Shape] {
        let x = pattern(shape)
        let expected = try RandomGenerator.withSeed(1) { try mine(x) }
        let results = try RandomGenerator.withSeed(1) { try theirs(x) }
        for (a, b) in zip(expected, results) { #expect(sameBits(a, b)) }
      }
      #expect(sameBits(copy.variables[0].parameter.value, weight.value), "updates went the same way")
    }
  }

  @Test("random programs survive being written and read")
  func randomRoundTrips() throws {
    for seed in 0..<40 as Range<UInt64> {
      let program = RandomProgram(seed: seed &+ 77, length: 12)
      let graph = try capture(Array(repeating: TensorSpec(.float32, [4, 4]), count: 2)) { program($0) }
      try SerializationTests.withPath { path in
        try graph.write(to: path, synchronizes: false)
        let copy = try Graph(contentsOf: path)
        #expect("\(copy)" == "\(graph)", "seed \(seed)")
        let inputs = [pattern([4, 4]), pattern([4, 4], 3)]
        for (a, b) in zip(try CPUExecutor(graph).run(inputs), try CPUExecutor(copy).run(inputs)) {
          #expect(sameBits(a, b), "seed \(seed)")
        }
      }
    }
  }

  @Test("an operator type that nobody registered cannot be written; once registered it can")
  func foreignOperators() throws {
    let graph = try capture(TensorSpec(.float32, [2])) { apply(UnregisteredOperator(), $0) }
    try SerializationTests.withPath { path in
      let error = #expect(throws: GraphError.self) { try graph.write(to: path) }
      #expect("\(error!)".contains("UnregisteredOperator could not be read back"), "\(error!)")
      Vocabulary.register(RegisteredOperator.self)
      let own = try capture(TensorSpec(.float32, [2])) { apply(RegisteredOperator(factor: 3), $0) }
      try own.write(to: path)
      let result = try CPUExecutor(Graph(contentsOf: path))(Tensor([1.0, 2.0]))[0]
      #expect(result.array(of: Float.self) == [3, 6])
    }
  }

  @Test("two symbols of one name cannot be written")
  func ambiguousSymbols() throws {
    let graph = try capture([
      TensorSpec(.float32, Shape([.symbol("n")])), TensorSpec(.float32, Shape([.symbol("n")])),
    ]) { [$0[0] * 2.0, $0[1] * 2.0] }
    try SerializationTests.withPath { path in
      let error = #expect(throws: GraphError.self) { try graph.write(to: path) }
      #expect("\(error!)".contains("named 'n'"), "\(error!)")
    }
  }

  @Test("files that are not whole graphs are refused with the place named")
  func malformed() throws {
    let weight = Parameter(pattern([4, 4]))
    let graph = try SerializationTests.sample(weight)
    let json = try Graph.encoded(GraphDocument(graph))
    func message(_ from: String, _ to: String) -> String {
      let changed = json.replacingOccurrences(of: from, with: to)
      #expect(changed != json, "'\(from)' is not in the file")
      do {
        _ = try SerializationTests.read(changed, graph)
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(message("\"version\":1", "\"version\":9").contains("format version 9; up to 1"))
    #expect(message("\"operator\":\"MatmulOperator\"", "\"operator\":\"Foo\"").contains("no operator type 'Foo'"))
    #expect(message("\"dtype\":\"float32\"", "\"dtype\":\"float31\"").contains("unknown element type 'float31'"))
    #expect(message("\"name\":\"batch\"", "\"name\":7").contains("shape"))
    #expect(message("constant.0", "constant.9").contains("constant.9"))
    #expect(message("\"keys\":[", "\"keys\":[99999,").contains("a random key is %99999, but there are"))
    #expect(message("\"keys\":[", "\"keys\":[99999999999999999999,").contains("not valid JSON"))
    try SerializationTests.withPath { path in
      try Safetensors.save(["a": pattern([2])], to: path)
      let error = #expect(throws: GraphError.self) { try Graph(contentsOf: path) }
      #expect("\(error!)".contains("holds tensors but no graph"))
    }
  }

  private static func read(_ json: String, _ graph: Graph) throws -> Graph {
    let document = try GraphDocument(graph)
    var tensors: [String: Tensor] = [:]
    for (record, constant) in zip(document.constants, graph.constants) { tensors[record.tensor] = constant.tensor }
    for (record, variable) in zip(document.variables, graph.variables) {
      tensors[record.tensor] = variable.parameter.value
    }
    return try Graph(json: json, file: "test") { name in
      guard let tensor = tensors[name] else { throw GraphError.format(file: "test", "no tensor '\(name)'") }
      return tensor
    }
  }

  @Test("mutated files are read as a whole graph or refused, never trap")
  func fuzz() throws {
    try mutate(SerializationTests.sample(Parameter(pattern([4, 4]))), rounds: Fuzzing.count, seed: 5)
    // All operators' graphs together are damaged as often as one file is.
    let rows = OperatorTests.rows
    let rounds = Fuzzing.count(otherwise: 20 * rows.count) / rows.count + 1
    for (seed, sample) in rows.enumerated() {
      let graph = try capture(sample.makeInputs(.float64).map(\.spec)) { sample.body($0) }
      try mutate(graph, rounds: rounds, seed: UInt64(seed))
    }
  }

  private func mutate(_ graph: Graph, rounds: Int, seed: UInt64) throws {
    let bytes = Array(try Graph.encoded(GraphDocument(graph)).utf8)
    var choices = SplitMix(seed)
    var accepted = 0
    for _ in 0..<rounds {
      let mutant = Fuzzing.mutatedText(bytes, &choices)
      guard let read = try? SerializationTests.read(String(decoding: mutant, as: UTF8.self), graph) else { continue }
      accepted += 1
      try read.verify()
    }
    #expect(accepted < rounds, "some mutants must have been refused")
  }

  @Test("every operator type in the module is in the vocabulary")
  func vocabularyIsWhole() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/DeepSeekOperators")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(
        of: /(?m)^\s*(?:public )?struct (\w+)\s*:[^{\n]*\b(?:Matrix|Update|Packable|Packed)?Operator\b/)
      {
        found.insert(String(match.1))
      }
    }
    #expect(found.count > 20)
    let listed = Set(Vocabulary.builtIn.map { Vocabulary.name(of: $0) })
    #expect(found.subtracting(listed) == [], "in the module but not in Vocabulary.builtIn")
    #expect(listed.subtracting(found) == [], "in Vocabulary.builtIn but not in the module")
  }
}

/// Known to nobody but this file.
private struct UnregisteredOperator: Operator {
  var name: String { "unregistered" }
  var traits: OperatorTraits { [] }
  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { [inputs[0]] }
  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws { inputs[0].copyElements(to: outputs[0]) }
}

/// A user's own operator, with an attribute.
private struct RegisteredOperator: Operator {
  let factor: Double
  var name: String { "registered" }
  var traits: OperatorTraits { [.elementwise] }
  func infer(_ inputs: [TensorSpec]) throws -> [TensorSpec] { [inputs[0]] }
  func evaluate(_ inputs: [Tensor], into outputs: [Tensor]) throws {
    (inputs[0] * factor).copyElements(to: outputs[0])
  }
}
