import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Attention written out, softmax(scale · Q Kᵀ + mask) V, becomes the one operator, which never forms the weights as a whole.
  /// Results may differ in the last places.
  public static let attentionFusion = GraphPass("attention fusion") { graph in
    var result = graph
    let context = FusionContext(graph)
    var nodes: [Graph.Node] = []
    for node in graph.nodes {
      if let match = AttentionPattern(node, context) {
        nodes += result.attention(match, replacing: node)
      } else {
        nodes.append(node)
      }
    }
    result.nodes = nodes
    return result
  }
}

/// What an attention was found to be made of.
private struct AttentionPattern {
  let queries: Graph.Value
  /// `[batch, heads, width, keys]`, or the keys before they were transposed.
  let keys: (value: Graph.Value, isTransposed: Bool)
  let values: Graph.Value
  let mask: Graph.Value?
  let scale: Double

  /// `nil` unless the node is the last product of an attention over `[batch, heads, sequence, width]` tensors.
  init?(_ node: Graph.Node, _ context: FusionContext) {
    guard node.operation is MatmulOperator, context.spec(node.outputs[0]).shape.rank == 4,
      let softmax = context.soleProducer(of: node.inputs[0]), softmax.operation.isEqual(to: SoftmaxOperator(3)),
      var scores = context.soleProducer(of: softmax.inputs[0])
    else { return nil }
    var mask: Graph.Value?
    if let add = scores.operation as? BinaryOperator, add.function == .add {
      guard let place = scores.inputs.firstIndex(where: { AttentionPattern.leadsToProduct($0, context) }),
        let inner = context.soleProducer(of: scores.inputs[place])
      else { return nil }
      mask = scores.inputs[1 - place]
      scores = inner
    }
    var scale = 1.0
    if !(scores.operation is MatmulOperator) {
      guard let factor = AttentionPattern.factor(scores, context),
        let inner = context.soleProducer(of: factor.operand)
      else { return nil }
      scale = factor.value
      scores = inner
    }
    guard scores.operation is MatmulOperator, context.spec(scores.outputs[0]).shape.rank == 4 else { return nil }
    self.mask = mask
    self.scale = scale
    queries = scores.inputs[0]
    values = node.inputs[1]
    if let transpose = context.producer(of: scores.inputs[1])?.operation as? TransposeOperator,
      transpose.permutation == [0, 1, 3, 2]
    {
      keys = (context.producer(of: scores.inputs[1])!.inputs[0], false)
    } else {
      keys = (scores.inputs[1], true)
    }
    let shapes = [queries, values].map { context.spec($0).shape }
    guard shapes.allSatisfy({ $0.rank == 4 }), context.spec(keys.value).shape.rank == 4,
      (shapes + [context.spec(keys.value).shape]).allSatisfy({
        $0.dimensions.prefix(2) == shapes[0].dimensions.prefix(2)
      }),
      context.spec(scores.outputs[0]).shape == context.spec(softmax.outputs[0]).shape
    else { return nil }
  }

  private static func leadsToProduct(_ value: Graph.Value, _ context: FusionContext) -> Bool {
    guard let producer = context.soleProducer(of: value) else { return false }
    if producer.operation is MatmulOperator { return true }
    guard let factor = factor(producer, context) else { return false }
    return context.soleProducer(of: factor.operand)?.operation is MatmulOperator
  }

  /// What a node multiplies all of one value by.
  private static func factor(_ node: Graph.Node, _ context: FusionContext) -> (operand: Graph.Value, value: Double)? {
    guard let factors = Factors(of: node, context), factors.values.count == 1 else { return nil }
    return (factors.values[0], factors.number)
  }
}

extension Graph {
  fileprivate mutating func attention(_ match: AttentionPattern, replacing node: Node) -> [Node] {
    var nodes: [Node] = []
    var keys = match.keys.value
    if match.keys.isTransposed {
      let swap = TransposeOperator([0, 1, 3, 2])
      let shape = spec(keys).shape
      let turned = makeValue(
        TensorSpec(
          spec(keys).dtype, Shape([shape.dimension(0), shape.dimension(1), shape.dimension(3), shape.dimension(2)])))
      nodes.append(Node(swap, [keys], outputs: [turned], device: node.device))
      keys = turned
    }
    let operation = AttentionOperator(
      scale: match.scale, isCausal: false, dropout: 0, hasMask: match.mask != nil)
    let output = spec(node.outputs[0])
    let shape = output.shape
    let result = makeValue(
      TensorSpec(
        output.dtype, Shape([shape.dimension(0), shape.dimension(2), shape.dimension(1), shape.dimension(3)])))
    let sums = makeValue(
      TensorSpec(
        output.dtype == .float64 ? .float64 : .float32,
        Shape([shape.dimension(0), shape.dimension(1), shape.dimension(2)])))
    nodes.append(
      Node(
        operation, [match.queries, keys, match.values] + (match.mask.map { [$0] } ?? []), outputs: [result, sums],
        name: node.name, device: node.device))
    nodes.append(Node(TransposeOperator([0, 2, 1, 3]), [result], replacing: node))
    return nodes
  }
}
