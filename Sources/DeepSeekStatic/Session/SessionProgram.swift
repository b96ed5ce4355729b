import DeepSeekGraph
import DeepSeekTensor

/// What runs for one set of fetches.
struct SessionProgram: Sendable {
  /// What tells programs apart.
  struct Key: Hashable, Sendable {
    var fetches: [Graph.Value]
    var operations: [ObjectIdentifier]
    /// Tensors that are fed though they could be computed.
    var fed: [Graph.Value]
  }

  let executor: any GraphExecutor
  let fetchCount: Int
  let hasUpdates: Bool
  /// The place among the executor's inputs of each of the static graph's values that can be fed.
  let inputPlaces: [Graph.Value: Int]
  /// The inputs that must be fed.
  let needed: [Int]
  /// Kept, so that the key's identities stay theirs.
  private let operations: [StaticOperation]

  /// The program of a part of a static graph. Values that are fed in place of being computed become inputs.
  init(
    _ part: Graph, _ operations: [StaticOperation], overridden: [Graph.Value], _ passes: [GraphPass], _ backend: Backend
  ) throws {
    var graph = part
    var sources = graph.inputs.map(\.value)
    var replacements: [Graph.Value: Graph.Value] = [:]
    for value in overridden {
      let place = graph.makeValue(graph.spec(value))
      let producer = graph.nodes.first { $0.outputs.contains(value) }
      graph.inputs.append(Graph.Port(producer?.name ?? "value \(value)", place))
      sources.append(value)
      replacements[value] = place
    }
    graph = try graph.replacing(replacements).optimized(passes)
    executor = try backend.makeExecutor(graph)
    fetchCount = graph.outputs.count
    hasUpdates = graph.variables.contains { $0.update != nil }
    inputPlaces = Dictionary(zip(sources, sources.indices), uniquingKeysWith: { first, _ in first })
    let read = Set(graph.nodes.flatMap(\.inputs) + graph.results)
    needed = graph.inputs.indices.filter { read.contains(graph.inputs[$0].value) }
    self.operations = operations
  }
}
