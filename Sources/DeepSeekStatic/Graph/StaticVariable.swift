import DeepSeekGraph
import DeepSeekOperators
public import DeepSeekTensor

/// State of a static graph: a ``Parameter`` with a name.
///
/// A run reads every variable as it is at the run's start; an assignment that runs replaces it at the end. Code inside
/// ``StaticGraph/controlDependencies(_:_:)`` reads what the assignment gives instead.
public struct StaticVariable: Sendable {
  /// The name, unique in the graph.
  public let name: String
  /// Where the state rests between runs.
  public let parameter: Parameter
  /// The graph.
  public let graph: StaticGraph

  /// The variable as a tensor of the graph; gradients with respect to it can be asked for when it is trainable.
  public var tensor: Tensor {
    graph.building {
      let read = parameter.tensor
      // A node of its own, so that whoever fetches it runs the operations that it was told to come after.
      return StaticGraph.controls.isEmpty ? read : apply(ReshapeOperator(read.shape.dimensions), read)
    }
  }

  /// What it holds now, outside any run and any graph that is being built.
  public var value: Tensor { RandomGenerator.outsideCapture { parameter.value } }

  /// An operation that sets it. Traps when type or shape differ.
  public func assign(_ newValue: Tensor) -> StaticOperation {
    let spec = parameter.spec
    if newValue.spec != spec {
      fatalError(
        "assign: variable '\(name)' is \(spec), the new value \(newValue.spec); a variable keeps type and shape")
    }
    let place = newValue.graphValue == nil ? graph.constant(newValue) : newValue.detached()
    return StaticOperation(
      graph.builder.uniqueName("\(name)/assign"), graph, [(parameter, place)], after: StaticGraph.controls)
  }

  /// An operation that adds to it.
  public func assignAdd(_ increment: Tensor) -> StaticOperation { assign(tensor.detached() + increment) }

  /// An operation that subtracts from it.
  public func assignSub(_ decrement: Tensor) -> StaticOperation { assign(tensor.detached() - decrement) }
}
