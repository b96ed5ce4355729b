public import DeepSeekGraph
public import DeepSeekTensor
import Synchronization

/// Runs parts of a ``StaticGraph``.
///
/// ```swift
/// let session = Session(graph)
/// let loss = try session.run([loss], updating: [train], feeds: [x: images, y: labels])[0]
/// ```
///
/// Only what the fetches need is run. For each set of fetches a program is made once, and within it a plan for each
/// combination of shapes that is fed; later runs cost little more than their kernels. Variables live in the graph's
/// parameters: two sessions of one graph see the same. Safe to call from several threads; runs that update variables must
/// not go side by side.
public final class Session: Sendable {
  /// What it runs.
  public let graph: StaticGraph
  /// What runs it.
  public let backend: Backend
  /// Whether a NaN or an infinity that arises stops the run, before variables change that had not yet taken their update,
  /// and names the operator and node where it arose. Costs a pass over every tensor; the native backend alone does it.
  public let checksNumerics: Bool
  private let passes: [GraphPass]
  private let programs = Mutex<[SessionProgram.Key: SessionProgram]>([:])

  /// A session.
  ///
  /// - Parameters:
  ///   - graph: What it runs; the graph being built when left out.
  ///   - backend: What runs it; the process's choice when left out.
  ///   - passes: What is done to each program first. The standard ones keep every bit.
  ///   - checksNumerics: Whether the operator where a NaN or an infinity arises stops the run; see ``checksNumerics``.
  public init(
    _ graph: StaticGraph = .current, backend: Backend = .current, passes: [GraphPass] = GraphPass.standard,
    checksNumerics: Bool = false
  ) {
    self.graph = graph
    self.backend = backend
    self.passes = passes
    self.checksNumerics = checksNumerics
  }

  /// Runs what tensors and operations need.
  ///
  /// - Parameters:
  ///   - fetches: What is returned, in this order.
  ///   - operations: What else happens: assignments, an optimizer's step. A tensor that was made to come after an operation
  ///     brings it along.
  ///   - feeds: Values for placeholders. Any other tensor of the graph may be fed too, and is then not computed.
  /// - Returns: One tensor for each fetch.
  /// - Throws: ``StaticGraphError`` when a placeholder is not fed or a tensor is of another graph, `GraphError` that names
  ///   the placeholder when a feed does not fit, or the operator and node when one fails.
  public func run(
    _ fetches: [Tensor], updating operations: [StaticOperation] = [], feeds: KeyValuePairs<Tensor, Tensor> = [:]
  ) throws -> [Tensor] {
    try run(fetches, updating: operations, fed: feeds.map { ($0.key, $0.value) })
  }

  /// Runs what one tensor needs.
  public func run(
    _ fetch: Tensor, updating operations: [StaticOperation] = [], feeds: KeyValuePairs<Tensor, Tensor> = [:]
  ) throws -> Tensor {
    try run([fetch], updating: operations, feeds: feeds)[0]
  }

  /// Runs an operation.
  public func run(_ operation: StaticOperation, feeds: KeyValuePairs<Tensor, Tensor> = [:]) throws {
    _ = try run([], updating: [operation], feeds: feeds)
  }

  /// As ``run(_:updating:feeds:)-(_,_,KeyValuePairs)``, for feeds that were gathered in an array.
  public func run(
    _ fetches: [Tensor], updating operations: [StaticOperation] = [], fed feeds: [(place: Tensor, value: Tensor)]
  ) throws -> [Tensor] {
    // In the middle of building its own graph, as in `graph.asDefault { … }`, a run still gives values.
    if CaptureScope.current === graph.builder {
      return try RandomGenerator.outsideCapture { try run(fetches, updating: operations, fed: feeds) }
    }
    let places = try feeds.map { try value(of: $0.place, "a tensor that is fed") }
    let program = try program(fetches, operations, places)
    var values = [Tensor?](repeating: nil, count: program.inputPlaces.count)
    for (place, feed) in zip(places, feeds) {
      guard let index = program.inputPlaces[place] else { continue }
      if values[index] != nil { throw StaticGraphError.fedTwice(program.executor.graph.inputs[index].name) }
      values[index] = feed.value
    }
    let inputs = program.executor.graph.inputs
    if let missing = program.needed.first(where: { values[$0] == nil }) {
      throw StaticGraphError.missingFeed(
        inputs[missing].name, fed: inputs.indices.filter { values[$0] != nil }.map { inputs[$0].name })
    }
    let results = try checking {
      try program.executor.run(
        values, fetches: Array(0..<program.fetchCount), updatesVariables: !operations.isEmpty || program.hasUpdates)
    }
    var next = results.makeIterator()
    // What is no tensor of a graph is what it is.
    return fetches.map { $0.graphValue == nil ? $0.detached() : next.next()! }
  }

  private func checking<Result>(_ body: () throws -> Result) rethrows -> Result {
    checksNumerics ? try detectingAnomalies(body) : try body()
  }

  private func value(of tensor: Tensor, _ what: String) throws -> Graph.Value {
    guard let place = tensor.graphValue, place.builder === graph.builder else {
      throw StaticGraphError.foreignTensor("\(what), a \(tensor.spec),")
    }
    return Graph.Value(place.index)
  }

  private func program(
    _ fetches: [Tensor], _ operations: [StaticOperation], _ fed: [Graph.Value]
  ) throws -> SessionProgram {
    let places = fetches.filter { $0.graphValue != nil }
    let values = try places.map { try value(of: $0, "a tensor that is fetched") }
    for operation in operations where operation.graph !== graph {
      throw StaticGraphError.foreignTensor("operation '\(operation.name)'")
    }
    let placeholders = Set(graph.builder.inputs.map(\.value))
    let overridden = fed.filter { !placeholders.contains($0) }.sorted()
    let key = SessionProgram.Key(fetches: values, operations: operations.map(ObjectIdentifier.init), fed: overridden)
    if let known = programs.withLock({ $0[key] }) { return known }
    let outputs = places.enumerated().map { (name: "fetch_\($0.offset)", tensor: $0.element) }
    let program = try SessionProgram(
      graph.part(outputs: outputs, operations), operations, overridden: overridden, passes, backend)
    programs.withLock { $0[key] = program }
    return program
  }
}
