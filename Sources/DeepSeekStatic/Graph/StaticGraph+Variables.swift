import DeepSeekGraph
public import DeepSeekTensor
import Synchronization

extension StaticGraph {
  /// All state that the graph has so far: what ``variable(_:_:isTrainable:)`` made, then the weights and the state of layers
  /// and optimizers, in the order in which they were first read.
  public var allVariables: [StaticVariable] {
    let made = state.withLock { $0.variables }
    let known = Set(made.map { ObjectIdentifier($0.parameter) })
    let read = StaticGraph.checked { try builder.graph(outputs: [], updates: []) }.variables
      .filter { !known.contains(ObjectIdentifier($0.parameter)) }.map { (name: $0.name, parameter: $0.parameter) }
    return (made + read).map { StaticVariable(name: $0.name, parameter: $0.parameter, graph: self) }
  }

  /// The state that an optimizer may move.
  public var trainableVariables: [StaticVariable] { allVariables.filter(\.parameter.isTrainable) }

  /// The graph that a tensor belongs to; `nil` for a value.
  public static func graph(of tensor: Tensor) -> StaticGraph? {
    tensor.graphValue == nil ? nil : of(tensor, "graph(of:)")
  }

  /// Several operations as one; without any, one that does nothing.
  public func group(_ operations: [StaticOperation], name: String = "group") -> StaticOperation {
    StaticOperation(builder.uniqueName(name), self, [], after: operations)
  }
}
