public import DeepSeekDynamic
import DeepSeekTensor
import Synchronization

/// The variables made by ``StaticGraph/variable(_:_:isTrainable:)`` under their names: what a ``Saver`` writes and puts back, and
/// an optimizer of the whole graph moves. Weights of layers belong to those.
extension StaticGraph: Module {
  /// The variables, in the order in which they were made.
  public var fields: [ModuleField] {
    state.withLock { $0.variables }.map { ModuleField($0.name, .parameter($0.parameter)) }
  }
}
