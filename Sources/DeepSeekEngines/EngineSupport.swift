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

  /// How the nodes of a graph whose lengths are all known are carried out, by the type of their operator; nothing of those
  /// that leave the engine nothing to do, such as one without elements. Needs no library.
  package func support(of graph: Graph) throws -> [(type: any Operator.Type, support: EngineSupport)] {
    let constants = graph.constantTensors()
    return try graph.nodes.compactMap { node -> (type: any Operator.Type, support: EngineSupport)? in
      let builder = LoweringBuilder(table)
      let inputs = node.inputs.map { constants[$0] ?? builder.source(graph.spec($0)) }
      _ = try applyChecked(node.operation, inputs)
      let own = builder.graph.nodes.indices.filter { index in
        !builder.hostNodes.contains(index) && !(builder.graph.nodes[index].operation is CastOperator)
      }.map { builder.graph.nodes[$0].operation }
      let support: EngineSupport
      if !builder.unsupported.isEmpty {
        support = .unsupported
      } else if builder.graph.nodes.isEmpty {
        return nil
      } else if own.isEmpty && !builder.hostNodes.isEmpty {
        support = .drawn
      } else {
        let isDirect = own.contains {
          Swift.type(of: $0) == Swift.type(of: node.operation) && $0.name == node.operation.name
        }
        support = isDirect || node.operation is CastOperator ? .direct : .decomposed
      }
      return (type: Swift.type(of: node.operation), support: support)
    }
  }
}
