import Synchronization
import DeepSeekGraph
public import DeepSeekTensor

extension StaticGraph {
  /// Runs `body` with what it makes named under `name`: `encoder/linear`. A scope's name that is taken gets a number.
  public func nameScope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    var scope = NodeScope.current ?? NodeScope()
    scope.name = builder.uniqueName(NodeScope.joined(scope.name, name))
    return try NodeScope.$current.withValue(scope, operation: body)
  }

  /// Runs `body` with its nodes placed by hand on a device: `device("cpu:1") { … }`. Logical CPUs share one memory and one
  /// thread pool, so this changes no result; the nodes keep the device for reports, files and pictures. Traps when the text
  /// names no device.
  public func device<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try device(StaticGraph.checked { try Device(name) }, body)
  }

  /// Runs `body` with its nodes placed by hand on a device.
  public func device<Result>(_ device: Device, _ body: () throws -> Result) rethrows -> Result {
    var scope = NodeScope.current ?? NodeScope()
    scope.device = device
    return try NodeScope.$current.withValue(scope, operation: body)
  }

  /// Runs `body` so that what it makes comes after `operations`: whoever fetches a node made in it runs them too, and
  /// variables read in it hold what they assign.
  public func controlDependencies<Result>(
    _ operations: [StaticOperation], _ body: () throws -> Result
  ) rethrows -> Result {
    let waiting = StaticGraph.controls + operations
    let ordered = StaticGraph.checked { try StaticOperation.merged(StaticOperation.withDependencies(waiting)) }
    let given = ordered.map(\.assignment)
    let first = builder.nodeCount
    let (result, assigned) = try StaticGraph.$controls.withValue(waiting) {
      try builder.assignments(from: given, body)
    }
    note(StaticGraph.added(assigned, to: given))
    let made = first..<builder.nodeCount
    if !made.isEmpty { state.withLock { $0.controls.append((made, operations)) } }
    return result
  }

  /// The assignments that are not among those given before.
  static func added(
    _ assigned: [(parameter: Parameter, tensor: Tensor)], to given: [(parameter: Parameter, tensor: Tensor)]
  ) -> [(parameter: Parameter, tensor: Tensor)] {
    assigned.filter { new in
      !given.contains { $0.parameter === new.parameter && StaticOperation.isSame($0.tensor, new.tensor) }
    }
  }

  /// The operations that everything made now comes after.
  @TaskLocal static var controls: [StaticOperation] = []

  /// How many nodes each device was given by hand; those of no device are not counted.
  public var placement: [Device: Int] {
    let graph = StaticGraph.checked { try builder.graph(outputs: [], updates: []) }
    return graph.nodes.reduce(into: [:]) { counts, node in
      if let device = node.device { counts[device, default: 0] += 1 }
    }
  }
}
