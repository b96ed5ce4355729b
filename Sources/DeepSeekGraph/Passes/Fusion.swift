public import DeepSeekTensor

/// A pattern of nodes that one fused operator does at once.
public struct FusionRule: Sendable {
  /// What it is called.
  public let name: String
  /// The node that does the work of the given one and of some before it, with the same outputs; `nil` when the pattern is
  /// not there. Nodes that nobody reads any longer are left to ``GraphPass/deadCode``.
  public let match: @Sendable (Graph.Node, FusionContext) -> Graph.Node?

  /// The rule `match` under `name`.
  public init(_ name: String, _ match: @escaping @Sendable (Graph.Node, FusionContext) -> Graph.Node?) {
    self.name = name
    self.match = match
  }
}

/// What a rule may look at around a node.
public struct FusionContext: Sendable {
  /// The graph, with what was fused so far.
  public fileprivate(set) var graph: Graph
  private let producers: [Graph.Value: Int]
  private let useCounts: [Graph.Value: Int]
  private let constants: [Graph.Value: Tensor]

  init(_ graph: Graph) {
    self.graph = graph
    producers = graph.producers()
    useCounts = graph.useCounts()
    constants = graph.constantTensors()
  }

  /// The number that a value is in every run; `nil` for all that is not a constant of one element.
  public func number(_ value: Graph.Value) -> Double? {
    guard let tensor = constants[value], tensor.elementCount == 1 else { return nil }
    return tensor.array(of: Double.self)[0]
  }

  /// The constant that a value is; `nil` for all else.
  func constant(_ value: Graph.Value) -> Tensor? { constants[value] }

  /// How often a value is read.
  func useCount(_ value: Graph.Value) -> Int { useCounts[value] ?? 0 }

  /// The node that defines a value; `nil` for inputs, constants and variables.
  public func producer(of value: Graph.Value) -> Graph.Node? { producers[value].map { graph.nodes[$0] } }

  /// The node that defines a value which nobody else reads, so that the node goes when the reader takes its work.
  public func soleProducer(of value: Graph.Value) -> Graph.Node? {
    useCounts[value] == 1 ? producer(of: value) : nil
  }

  /// Type and shape of a value.
  public func spec(_ value: Graph.Value) -> TensorSpec { graph.spec(value) }
}

extension GraphPass {
  /// Replaces patterns by fused operators. Results may differ in the last place, as a fused operator rounds less often.
  public static func fusion(_ rules: [FusionRule] = FusionRule.standard) -> GraphPass {
    GraphPass("fusion") { graph in
      var context = FusionContext(graph)
      for index in graph.nodes.indices {
        for rule in rules {
          guard let fused = rule.match(context.graph.nodes[index], context) else { continue }
          context.graph.nodes[index] = fused
        }
      }
      return context.graph
    }
  }
}
