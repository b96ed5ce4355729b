// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekStatic
public import DeepSeekTensor

/// What TensorFlow 1's `session.run` fetches: a tensor, a variable or an operation.
public protocol SessionFetch {}

extension Tensor: SessionFetch {}
extension StaticVariable: SessionFetch {}
extension StaticOperation: SessionFetch {}

extension Session {
  /// A session of a graph.
  @available(*, deprecated, renamed: "init(_:)")
  public convenience init(graph: StaticGraph) { self.init(graph) }

  /// Does nothing: a session holds nothing that must be closed.
  @available(*, deprecated, message: "a session holds nothing that must be closed")
  public func close() {}

  /// Runs tensors and operations side by side; operations give `nil`.
  @available(*, deprecated, message: "give operations apart: run([loss], updating: [train], feeds: [x: images])")
  @discardableResult
  public func run(_ fetches: [any SessionFetch], feedDict: KeyValuePairs<Tensor, Tensor>) throws -> [Tensor?] {
    let places = fetches.map { fetch -> Tensor? in
      if let variable = fetch as? StaticVariable { return variable.tensor }
      return fetch as? Tensor
    }
    let operations = fetches.compactMap { $0 as? StaticOperation }
    var results = try run(
      places.compactMap { $0 }, updating: operations, fed: feedDict.map { ($0.key, $0.value) }
    ).makeIterator()
    return places.map { $0 == nil ? nil : results.next()! }
  }

  /// Runs tensors and operations side by side; operations give `nil`.
  @available(*, deprecated, message: "give operations apart: run([loss], updating: [train])")
  @discardableResult
  public func run(_ fetches: [any SessionFetch]) throws -> [Tensor?] { try run(fetches, feedDict: [:]) }

  /// Runs tensors and operations side by side, in Python's spelling.
  @available(*, deprecated, message: "give operations apart: run([loss], updating: [train], feeds: [x: images])")
  @discardableResult
  public func run(_ fetches: [any SessionFetch], feed_dict: KeyValuePairs<Tensor, Tensor>) throws -> [Tensor?] {
    try run(fetches, feedDict: feed_dict)
  }

  /// Runs what one tensor needs.
  @available(*, deprecated, renamed: "run(_:feeds:)")
  public func run(_ fetch: Tensor, feedDict: KeyValuePairs<Tensor, Tensor>) throws -> Tensor {
    try run(fetch, feeds: feedDict)
  }

  /// Runs what one tensor needs, in Python's spelling.
  @available(*, deprecated, renamed: "run(_:feeds:)")
  public func run(_ fetch: Tensor, feed_dict: KeyValuePairs<Tensor, Tensor>) throws -> Tensor {
    try run(fetch, feeds: feed_dict)
  }

  /// Runs an operation.
  @available(*, deprecated, renamed: "run(_:feeds:)")
  public func run(_ operation: StaticOperation, feedDict: KeyValuePairs<Tensor, Tensor>) throws {
    try run(operation, feeds: feedDict)
  }

  /// Runs an operation, in Python's spelling.
  @available(*, deprecated, renamed: "run(_:feeds:)")
  public func run(_ operation: StaticOperation, feed_dict: KeyValuePairs<Tensor, Tensor>) throws {
    try run(operation, feeds: feed_dict)
  }

  /// What a variable holds.
  @available(*, deprecated, message: "use variable.value")
  public func run(_ variable: StaticVariable) throws -> Tensor { try run(variable.tensor) }

  /// Gathers summaries in a run.
  @available(*, deprecated, message: "use run(_:updating:feeds:summaries:to:step:)")
  public func run(
    _ merged: MergedSummaries, updating operations: [StaticOperation] = [],
    feedDict: KeyValuePairs<Tensor, Tensor> = [:]
  ) throws -> GatheredSummaries {
    let gathered = GatheredSummaries()
    let sink = SummaryFunction { tag, value, _ in gathered.append(tag, value) }
    _ = try run([], updating: operations, feeds: feedDict, summaries: merged.summaries, to: sink, step: 0)
    return gathered
  }
}
