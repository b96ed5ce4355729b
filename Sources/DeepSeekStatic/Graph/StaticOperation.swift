import DeepSeekGraph
import DeepSeekTensor

/// Something that a run does beside computing tensors: variables that take new values.
public final class StaticOperation: Sendable, CustomStringConvertible {
  /// The name, for messages.
  public let name: String
  /// Not kept alive: a graph holds operations that others wait for, and whoever runs one has its session.
  unowned let graph: StaticGraph
  let assignments: [(parameter: Parameter, tensor: Tensor)]
  /// What runs with it, and before it.
  let dependencies: [StaticOperation]

  init(
    _ name: String, _ graph: StaticGraph, _ assignments: [(parameter: Parameter, tensor: Tensor)],
    after dependencies: [StaticOperation] = []
  ) {
    self.name = name
    self.graph = graph
    self.assignments = assignments
    self.dependencies = dependencies
  }

  /// Several operations as one.
  public static func group(_ operations: [StaticOperation], name: String = "group") -> StaticOperation {
    guard let first = operations.first else { fatalError("group: no operations") }
    return first.graph.group(operations, name: name)
  }

  /// The name.
  public var description: String { name }

  /// These operations and all that they come after, each once, after those.
  static func withDependencies(_ operations: [StaticOperation]) -> [StaticOperation] {
    var result: [StaticOperation] = []
    var seen: Set<ObjectIdentifier> = []
    func visit(_ operation: StaticOperation) {
      guard seen.insert(ObjectIdentifier(operation)).inserted else { return }
      operation.dependencies.forEach(visit)
      result.append(operation)
    }
    operations.forEach(visit)
    return result
  }

  /// Whether two tensors are the same value of a graph.
  static func isSame(_ left: Tensor, _ right: Tensor) -> Bool {
    guard let left = left.graphValue, let right = right.graphValue else { return false }
    return left.builder === right.builder && left.index == right.index
  }

  private func comes(after other: StaticOperation) -> Bool {
    StaticOperation.withDependencies(dependencies).contains { $0 === other }
  }

  /// What variables hold after these operations, in the order given. Throws ``StaticGraphError`` when two of which neither
  /// comes after the other assign one variable.
  static func merged(
    _ operations: [StaticOperation]
  ) throws -> [(assignment: (parameter: Parameter, tensor: Tensor), operation: StaticOperation)] {
    var result: [(assignment: (parameter: Parameter, tensor: Tensor), operation: StaticOperation)] = []
    for operation in operations {
      for assignment in operation.assignments {
        guard let index = result.firstIndex(where: { $0.assignment.parameter === assignment.parameter }) else {
          result.append((assignment, operation))
          continue
        }
        if isSame(result[index].assignment.tensor, assignment.tensor) { continue }
        guard operation.comes(after: result[index].operation) else {
          throw StaticGraphError.conflictingAssignments(
            variable: operation.graph.builder.name(of: assignment.parameter), result[index].operation.name,
            operation.name)
        }
        result[index] = (assignment, operation)
      }
    }
    return result
  }
}
