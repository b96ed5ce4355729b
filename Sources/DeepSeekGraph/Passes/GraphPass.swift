/// A function from graph to graph that computes the same.
///
/// Passes keep results bit for bit unless their documentation says otherwise.
public struct GraphPass: Sendable {
  /// What it is called in messages.
  public let name: String
  /// What it does.
  public let transform: @Sendable (Graph) throws -> Graph

  /// The pass `transform` under `name`.
  public init(_ name: String, _ transform: @escaping @Sendable (Graph) throws -> Graph) {
    self.name = name
    self.transform = transform
  }

  /// What ``Graph/optimized(_:)`` does when it is not told: folding, simplification, common subexpressions, dead code. All
  /// keep every bit.
  public static let standard: [GraphPass] = [.constantFolding, .simplification(), .commonSubexpressions, .deadCode]

  /// The standard passes and fusion, whose operators round differently in the last place.
  public static let fusing: [GraphPass] = [
    .constantFolding, .simplification(), .commonSubexpressions, .fusion(), .deadCode,
  ]
}

extension Graph {
  /// The graph after some passes, each of whose results is verified. Throws ``GraphError/pass(_:_:)``, naming the pass
  /// that failed or whose result is not whole.
  public func applying(_ passes: [GraphPass]) throws -> Graph {
    var graph = self
    for pass in passes {
      do {
        graph = try pass.transform(graph)
        try graph.verify()
      } catch {
        throw GraphError.pass(pass.name, error)
      }
    }
    return graph
  }

  /// The graph after passes are repeated until the number of nodes no longer changes, and its values numbered without
  /// gaps.
  public func optimized(_ passes: [GraphPass] = GraphPass.standard) throws -> Graph {
    var graph = self
    for _ in 0..<Graph.passRoundLimit {
      let before = graph.nodes.count
      graph = try graph.applying(passes)
      if graph.nodes.count == before { break }
    }
    return graph.compacted()
  }

  /// Rounds end here even if a pass keeps changing the graph; each round is linear in its size.
  private static let passRoundLimit = 16
}
