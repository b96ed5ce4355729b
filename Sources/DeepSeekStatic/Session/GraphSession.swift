public import DeepSeekGraph
public import DeepSeekTensor

/// A graph from elsewhere (a file, another framework, a capture) in a session of its own, fed and fetched by name.
///
/// ```swift
/// let program = try GraphSession(Graph(contentsOf: "digits.graph"))
/// let scores = try program.run(["scores"], feeds: ["images": images])["scores"]!
/// ```
public struct GraphSession: Sendable {
  private let executor: any GraphExecutor
  /// Whether a NaN or an infinity that arises stops the run and names the operator; see ``Session/checksNumerics``.
  public let checksNumerics: Bool

  /// A session of a graph. Throws when the graph is not whole or the backend cannot run it.
  public init(
    _ graph: Graph, backend: Backend = .current, passes: [GraphPass] = GraphPass.standard, checksNumerics: Bool = false
  ) throws {
    executor = try backend.makeExecutor(graph.optimized(passes))
    self.checksNumerics = checksNumerics
  }

  /// What it runs, after the passes.
  public var graph: Graph { executor.graph }

  /// Runs what outputs need, all of them when none is named, and returns them by name; variables take their updates when
  /// told so. Throws `GraphError` when a name is unknown, a feed is missing or does not fit, or a node fails.
  public func run(
    _ fetches: [String]? = nil, feeds: [String: Tensor], updatesVariables: Bool = false
  ) throws -> [String: Tensor] {
    let run = { try executor.run(feeds, fetches: fetches, updatesVariables: updatesVariables) }
    return checksNumerics ? try detectingAnomalies(run) : try run()
  }
}
