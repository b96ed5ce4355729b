public import DeepSeekTensor

/// What runs a graph: this framework's own kernels (``CPUExecutor``), or another engine.
///
/// Safe to call from several threads at once.
public protocol GraphExecutor: Sendable {
  /// What it runs.
  var graph: Graph { get }

  /// Runs what the outputs named by `fetches` need.
  ///
  /// - Parameters:
  ///   - feeds: One for each of ``Graph/inputs``; `nil` for one that what is fetched does not need.
  ///   - fetches: Places in ``Graph/outputs``.
  ///   - updatesVariables: Whether variables take their updates and effects happen. When a node fails midway, variables
  ///     that were updated in place before keep their new value.
  /// - Returns: One tensor for each fetch; they do not track gradients.
  /// - Throws: ``GraphError`` when a feed is missing or does not fit, or a node fails.
  func run(_ feeds: [Tensor?], fetches: [Int], updatesVariables: Bool) throws -> [Tensor]
}

extension GraphExecutor {
  /// Runs the graph on inputs by name and returns outputs by name.
  ///
  /// ```swift
  /// let logits = try executor.run(["x": images], fetches: ["logits"], updatesVariables: false)["logits"]!
  /// ```
  ///
  /// - Parameters:
  ///   - feeds: Inputs by name. All that the fetched outputs need; those that they do not need may be left out.
  ///   - fetches: Names of outputs; all when left out.
  ///   - updatesVariables: Whether variables take their updates and effects happen.
  /// - Throws: ``GraphError`` when a name is unknown, a feed is missing or does not fit, or a node fails.
  public func run(
    _ feeds: [String: Tensor], fetches: [String]? = nil, updatesVariables: Bool = true
  ) throws -> [String: Tensor] {
    let inputNames = graph.inputs.map(\.name)
    if let unknown = feeds.keys.filter({ !inputNames.contains($0) }).min() {
      throw GraphError.unknownName(kind: "input", unknown, known: inputNames)
    }
    let names = fetches ?? graph.outputs.map(\.name)
    let places = try names.map { name in
      guard let place = graph.outputs.firstIndex(where: { $0.name == name }) else {
        throw GraphError.unknownName(kind: "output", name, known: graph.outputs.map(\.name))
      }
      return place
    }
    let results = try run(inputNames.map { feeds[$0] }, fetches: places, updatesVariables: updatesVariables)
    return Dictionary(zip(names, results), uniquingKeysWith: { first, _ in first })
  }

  /// Runs the graph on its inputs in order and returns all outputs in order; variables take their updates.
  public func callAsFunction(_ inputs: Tensor...) throws -> [Tensor] { try run(inputs) }

  /// Runs the graph on its inputs in order and returns all outputs in order; variables take their updates.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] {
    guard inputs.count == graph.inputs.count else {
      throw GraphError.invalidGraph("\(inputs.count) tensors are fed, the graph has \(graph.inputs.count) inputs")
    }
    return try run(inputs, fetches: Array(graph.outputs.indices), updatesVariables: true)
  }
}
