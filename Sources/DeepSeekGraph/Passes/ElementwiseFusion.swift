import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Joins functions of one and two floats, where one reads what another makes and nobody else does, into chains that walk
  /// over memory once. Every bit stays.
  public static let elementwiseFusion = GraphPass("elementwise fusion") { graph in
    var result = graph
    let context = FusionContext(graph)
    // Last first, so that a chain begins at its end and takes in all that leads there.
    var absorbed: Set<Graph.Value> = []
    for index in graph.nodes.indices.reversed() {
      let node = graph.nodes[index]
      guard !absorbed.contains(node.outputs[0]), var chain = ChainBuilder(node, context) else { continue }
      chain.grow()
      guard let fused = chain.node else { continue }
      absorbed.formUnion(chain.absorbed)
      result.nodes[index] = fused
    }
    return result
  }
}

/// A chain as it grows backwards from its last node.
private struct ChainBuilder {
  /// The nodes of the chain, the last one first.
  private var members: [Graph.Node]
  private let context: FusionContext
  private let output: TensorSpec
  private(set) var absorbed: Set<Graph.Value> = []

  /// `nil` for a node that is no function of floats.
  init?(_ last: Graph.Node, _ context: FusionContext) {
    guard ChainBuilder.isLink(last, context) else { return nil }
    self.context = context
    members = [last]
    output = context.spec(last.outputs[0])
    guard ElementwiseChainOperator.rows(leaves.map { context.spec($0).shape }, of: output.shape) != nil else {
      return nil
    }
  }

  private static func isLink(_ node: Graph.Node, _ context: FusionContext) -> Bool {
    guard node.operation is UnaryOperator || node.operation is BinaryOperator else { return false }
    let type = context.spec(node.outputs[0]).dtype
    return type.isFloatingPoint && node.inputs.allSatisfy { context.spec($0).dtype == type }
  }

  /// What the chain reads from outside, each once, in the order of reading.
  private var leaves: [Graph.Value] {
    let inside = Set(members.map { $0.outputs[0] })
    var seen: Set<Graph.Value> = []
    return members.reversed().flatMap(\.inputs).filter { !inside.contains($0) && seen.insert($0).inserted }
  }

  /// Takes in producers while they fit.
  mutating func grow() {
    var next = 0
    while next < members.count {
      for input in members[next].inputs where members.count < ElementwiseChainOperator.stepLimit {
        guard !absorbed.contains(input), let producer = context.soleProducer(of: input),
          ChainBuilder.isLink(producer, context), context.spec(input).shape == output.shape,
          producer.device == members[0].device
        else { continue }
        members.append(producer)
        let shapes = leaves.map { context.spec($0).shape }
        if ElementwiseChainOperator.rows(shapes, of: output.shape) != nil {
          absorbed.insert(input)
        } else {
          members.removeLast()
        }
      }
      next += 1
    }
  }

  /// The chain as one node; `nil` when it is but one function.
  var node: Graph.Node? {
    guard members.count > 1 else { return nil }
    let inputs = leaves
    guard inputs.contains(where: { context.spec($0).shape == output.shape }) else { return nil }
    var places = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($0.element, $0.offset) })
    var steps: [ElementwiseChainOperator.Step] = []
    for member in members.reversed() {
      let operands = member.inputs.map { places[$0]! }
      if let unary = member.operation as? UnaryOperator {
        steps.append(.unary(unary, operands[0]))
      } else if let binary = member.operation as? BinaryOperator {
        steps.append(.binary(binary, operands[0], operands[1]))
      }
      places[member.outputs[0]] = inputs.count + steps.count - 1
    }
    let operation = ElementwiseChainOperator(inputCount: inputs.count, steps: steps)
    return Graph.Node(operation, inputs, replacing: members[0])
  }
}
