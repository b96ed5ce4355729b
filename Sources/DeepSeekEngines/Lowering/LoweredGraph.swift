import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor

/// What a run of certain fetches and shapes needs, in operators that an engine has.
struct LoweredGraph: Sendable {
  /// Where a tensor that the engine is given comes from.
  enum Source: Sendable {
    /// The graph's input of this number.
    case input(Int)
    /// The graph's variable of this number.
    case variable(Int)
    /// The graph's random key of this number.
    case key(Int)
  }

  /// Where a result comes from.
  enum Result: Sendable {
    /// The engine's output of this number.
    case engine(Int)
    /// A source as it is.
    case source(Int)
    /// The same in every run.
    case constant(Tensor)
    /// A random draw.
    case host(Int)
  }

  /// What the engine runs. Its inputs are the sources, then the random draws.
  let graph: Graph
  /// What each of the sources is.
  let sources: [Source]
  /// What draws random numbers, from the same sources; `nil` when nothing does.
  let host: CPUExecutor?
  /// What is fetched, then the updates.
  let results: [Result]
  /// The variables that take updates.
  let updated: [Int]

  init(
    _ source: Graph, fetches: [Int], updatesVariables: Bool, shapes: [Shape?], engine: String,
    _ support: any OperatorSupport
  ) throws {
    let builder = LoweringBuilder(support)
    var replay = Replay(source, builder, try source.bindings(for: shapes), shapes)
    try replay.run(source.neededNodes(fetches: fetches, updatesVariables: updatesVariables))
    if !builder.unsupported.isEmpty {
      throw EngineError.unsupportedOperators(engine: engine, builder.unsupported)
    }
    updated = updatesVariables ? source.variables.indices.filter { source.variables[$0].update != nil } : []
    let wanted =
      try fetches.map { try replay.tensor(source.outputs[$0].value, "an output") }
      + updated.map { try replay.tensor(source.variables[$0].update!, "an update") }
    sources = replay.sources
    let parts = try HostParts(builder, wanted)
    (graph, host, results) = (parts.graph, try parts.host.map { try CPUExecutor($0) }, parts.results)
  }
}

/// Runs a graph's nodes once more, on known shapes, into a builder.
private struct Replay {
  let graph: Graph
  let builder: LoweringBuilder
  let bindings: [Dimension: Int]
  private(set) var sources: [LoweredGraph.Source] = []
  private var tensors: [Graph.Value: Tensor] = [:]
  private var origins: [Graph.Value: (LoweredGraph.Source, TensorSpec)] = [:]
  private let names: [Graph.Value: String]

  init(_ graph: Graph, _ builder: LoweringBuilder, _ bindings: [Dimension: Int], _ shapes: [Shape?]) {
    self.graph = graph
    self.builder = builder
    self.bindings = bindings
    names = Dictionary(graph.inputs.map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first })
    for (index, input) in graph.inputs.enumerated() {
      guard let shape = shapes[index] else { continue }
      origins[input.value] = (.input(index), TensorSpec(graph.spec(input.value).dtype, shape))
    }
    for (index, key) in graph.keys.enumerated() { origins[key] = (.key(index), graph.spec(key)) }
    for (index, variable) in graph.variables.enumerated() {
      origins[variable.value] = (.variable(index), graph.spec(variable.value))
    }
    for constant in graph.constants { tensors[constant.value] = constant.tensor }
  }

  mutating func tensor(_ value: Graph.Value, _ reader: String) throws -> Tensor {
    if let known = tensors[value] { return known }
    guard let (source, spec) = origins[value] else {
      throw GraphError.feed(names[value] ?? "\(value)", "nothing is fed, but \(reader) needs a \(graph.spec(value))")
    }
    let tensor = builder.source(spec)
    sources.append(source)
    tensors[value] = tensor
    return tensor
  }

  mutating func run(_ nodes: [Int]) throws {
    try noGradient {
      for index in nodes {
        let node = graph.nodes[index]
        let operation = node.operation.resolved(bindings)
        let inputs = try node.inputs.map { try tensor($0, "'\(operation.name)'") }
        do {
          for (value, result) in zip(node.outputs, try applyChecked(operation, inputs)) {
            tensors[value] = result.detached()
          }
        } catch {
          throw GraphError.invalidNode(index, operation: operation.name, "\(error)")
        }
      }
    }
  }
}

/// A lowered graph in two: the random draws, which the framework makes, and the rest, which the engine runs.
private struct HostParts {
  private(set) var graph: Graph
  private(set) var host: Graph?
  private(set) var results: [LoweredGraph.Result] = []

  init(_ builder: LoweringBuilder, _ wanted: [Tensor]) throws {
    graph = builder.graph
    let whole = builder.graph
    let sources = Dictionary(uniqueKeysWithValues: whole.inputs.enumerated().map { ($0.element.value, $0.offset) })
    var draws = builder.hostNodes.sorted().flatMap { whole.nodes[$0].outputs }
    let read = Set(whole.nodes.indices.filter { !builder.hostNodes.contains($0) }.flatMap { whole.nodes[$0].inputs })
    let fetched = Set(wanted.compactMap { $0.graphValue?.index })
    draws.removeAll { !read.contains($0) && !fetched.contains($0.index) }
    let drawn = Dictionary(uniqueKeysWithValues: draws.enumerated().map { ($0.element, $0.offset) })
    for tensor in wanted {
      guard let place = tensor.graphValue else {
        results.append(.constant(tensor.detached().contiguous()))
        continue
      }
      let value = Graph.Value(place.index)
      if let source = sources[value] {
        results.append(.source(source))
      } else if let draw = drawn[value] {
        results.append(.host(draw))
      } else {
        results.append(.engine(graph.outputs.count))
        graph.outputs.append(.init("result_\(graph.outputs.count)", value))
      }
    }
    if !draws.isEmpty {
      var draw = whole
      draw.outputs = draws.enumerated().map { .init("draw_\($0.offset)", $0.element) }
      host = try draw.applying([.deadCode])
    }
    // The engine reads draws as it reads sources.
    graph.nodes = whole.nodes.indices.filter { !builder.hostNodes.contains($0) }.map { whole.nodes[$0] }
    graph.inputs += draws.enumerated().map { .init("draw_\($0.offset)", $0.element) }
    graph = try graph.applying([.deadCode])
  }
}
