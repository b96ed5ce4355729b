import DeepSeekGraph
import DeepSeekOperators
import DeepSeekTensor
import Synchronization

/// What runs one lowered graph in an engine.
protocol EnginePlan: AnyObject, Sendable {
  /// The outputs of the lowered graph for its inputs, in order.
  func run(_ inputs: [Tensor]) throws -> [Tensor]
}

/// Runs a graph through another engine: for each combination of fetches and shapes the graph is lowered to operators that
/// the engine has, and made ready once.
///
/// Variables are read from their parameters in each run and updates written back. Random numbers are drawn by the
/// framework's own kernels, so that every backend draws the same. Runs that update variables go one after another.
final class EngineExecutor: GraphExecutor {
  let graph: Graph
  private let name: String
  private let support: any OperatorSupport
  private let makePlan: @Sendable (Graph) throws -> any EnginePlan
  private let plans = Mutex<[Request: Prepared]>([:])
  private let updating = Mutex(())

  /// What a plan is made for.
  private struct Request: Hashable {
    var fetches: [Int]
    var updatesVariables: Bool
    var shapes: [Shape?]
  }

  private struct Prepared: Sendable {
    let lowered: LoweredGraph
    let plan: (any EnginePlan)?
  }

  /// Plans kept at most; past that all are dropped, which costs no more than making them again.
  private static let planLimit = 64

  /// An executor of `graph`. Throws ``EngineError/unsupportedOperators(engine:_:)``, with everything that is missing, when
  /// the graph's shapes are known, and else in the first run, before anything is computed.
  init(
    _ graph: Graph, name: String, _ support: any OperatorSupport,
    makePlan: @escaping @Sendable (Graph) throws -> any EnginePlan
  ) throws {
    try graph.verify()
    self.graph = graph
    self.name = name
    self.support = support
    self.makePlan = makePlan
    let shapes = graph.inputs.map { graph.spec($0.value).shape }
    if shapes.allSatisfy(\.isKnown) {
      _ = try lowered(Request(fetches: Array(graph.outputs.indices), updatesVariables: true, shapes: shapes))
    }
  }

  func run(_ feeds: [Tensor?], fetches: [Int], updatesVariables: Bool) throws -> [Tensor] {
    try graph.expectPlainTensors(feeds)
    if let unknown = fetches.first(where: { !graph.outputs.indices.contains($0) }) {
      throw GraphError.unknownName(kind: "output", "number \(unknown)", known: graph.outputs.map(\.name))
    }
    let updates = updatesVariables && graph.variables.contains { $0.update != nil }
    let request = Request(fetches: fetches, updatesVariables: updates, shapes: feeds.map { $0?.shape })
    let prepared = try prepared(request)
    let results = try noGradient {
      updates
        ? try updating.withLock { _ in try run(prepared, feeds) } : try run(prepared, feeds)
    }
    return Array(results.prefix(fetches.count))
  }

  private func run(_ prepared: Prepared, _ feeds: [Tensor?]) throws -> [Tensor] {
    let lowered = prepared.lowered
    let generator = RandomGenerator.current
    // Every key is drawn, needed or not: the stream goes on as it does when the same code runs natively.
    let keys = graph.keys.map { _ in generator.nextKey() }
    let sources = try lowered.sources.map { source -> Tensor in
      switch source {
      case .input(let index): return feeds[index]!.detached().contiguous()
      case .key(let index): return keys[index]
      case .variable(let index):
        let (variable, value) = (graph.variables[index], graph.variables[index].parameter.value)
        guard value.spec == graph.spec(variable.value) else {
          throw GraphError.invalidGraph(
            "variable '\(variable.name)' holds a \(value.spec), \(graph.spec(variable.value)) is expected")
        }
        return value.detached().contiguous()
      }
    }
    let draws = try lowered.host?.run(sources) ?? []
    let computed = try prepared.plan?.run(sources + draws) ?? []
    let results = lowered.results.map { result in
      switch result {
      case .engine(let index): computed[index]
      case .source(let index): sources[index]
      case .constant(let tensor): tensor
      case .host(let index): draws[index]
      }
    }
    for (variable, value) in zip(lowered.updated, results.suffix(lowered.updated.count)) {
      graph.variables[variable].parameter.value = value
    }
    return results
  }

  private func lowered(_ request: Request) throws -> LoweredGraph {
    try LoweredGraph(
      graph, fetches: request.fetches, updatesVariables: request.updatesVariables, shapes: request.shapes, engine: name,
      support)
  }

  private func prepared(_ request: Request) throws -> Prepared {
    if let known = plans.withLock({ $0[request] }) { return known }
    let lowered = try lowered(request)
    let plan = lowered.graph.outputs.isEmpty ? nil : try makePlan(lowered.graph)
    let made = Prepared(lowered: lowered, plan: plan)
    return plans.withLock { plans in
      if let known = plans[request] { return known }
      if plans.count >= EngineExecutor.planLimit { plans.removeAll() }
      plans[request] = made
      return made
    }
  }
}
