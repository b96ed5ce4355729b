/// What builds a graph: given an operator and its inputs, notes a node and returns tensors that stand for its outputs.
///
/// The one door between ``apply(_:_:file:line:)`` and the graphs of the floors above.
public protocol GraphBuilding: AnyObject {
  /// Notes that `operation` is applied to `inputs`, with outputs of these specifications.
  ///
  /// Inputs that are values rather than places in this graph become constants, or named variables when they are a
  /// ``Parameter``'s.
  func append(_ operation: any Operator, _ inputs: [Tensor], outputs: [TensorSpec]) throws -> [Tensor]
}

/// A place in a graph that is being built: one output of one node, or an input.
///
/// A graph is built by one thread at a time; tensors of an unfinished graph must not be used by two at once.
public final class GraphValue: @unchecked Sendable {
  /// Who builds the graph.
  public let builder: any GraphBuilding
  /// Which value of the graph it is.
  public let index: Int

  /// The value `index` of the graph that `builder` builds.
  public init(builder: any GraphBuilding, index: Int) {
    self.builder = builder
    self.index = index
  }
}
