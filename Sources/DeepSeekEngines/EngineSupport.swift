package import DeepSeekGraph
import DeepSeekOperators
package import DeepSeekTensor

/// How an engine carries out an operator.
package enum EngineSupport: String, Sendable, Comparable {
  /// By a counterpart of its own.
  case direct
  /// By simpler operators.
  case decomposed
  /// The framework's own kernels draw, and the engine is given the numbers.
  case drawn
  /// Not at all.
  case unsupported

  /// In the order in which they are listed above.
  package static func < (left: EngineSupport, right: EngineSupport) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .direct: 0
    case .decomposed: 1
    case .drawn: 2
    case .unsupported: 3
    }
  }
}

extension EngineDescription {
  /// What the engine has counterparts of.
  private var table: any OperatorSupport {
    name == EngineDescription.tensorflow.name ? TensorFlowEmitter.table : PyTorchEmitter.table
  }

  /// How each node of a graph whose lengths are all known is carried out, by the type of its operator. Needs no library.
  package func support(of graph: Graph) throws -> [(type: any Operator.Type, support: EngineSupport)] {
    try graph.nodes.map { node in
      let builder = LoweringBuilder(table)
      let inputs = node.inputs.map { builder.source(graph.spec($0)) }
      _ = try applyChecked(node.operation, inputs)
      let support: EngineSupport
      if !builder.unsupported.isEmpty {
        support = .unsupported
      } else if !builder.hostNodes.isEmpty && builder.graph.nodes.count == 1 {
        support = .drawn
      } else {
        let own = builder.graph.nodes.filter { !($0.operation is CastOperator) }
        let isDirect = own.contains {
          type(of: $0.operation) == type(of: node.operation) && $0.operation.name == node.operation.name
        }
        support = isDirect || own.isEmpty ? .direct : .decomposed
      }
      return (type(of: node.operation), support)
    }
  }
}
