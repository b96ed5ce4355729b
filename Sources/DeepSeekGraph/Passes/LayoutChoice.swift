import DeepSeekOperators
import DeepSeekTensor

extension GraphPass {
  /// Chooses how operands lie, so that products and functions read them without a copy:
  ///
  /// - a product by a stored matrix `[inputs, outputs]` becomes a linear operator on the matrix by outputs, which fusion,
  ///   packing and the joining of projections look for;
  /// - a transposed product becomes the product of its transposed operands, which are but other strides to it;
  /// - transposes around functions of elements that undo each other go;
  /// - a reshape moves behind an activation, which then can become part of the product before it.
  ///
  /// Results may differ in the last places, as products may add in another order.
  public static let layoutChoice = GraphPass("layout choice") { graph in
    var chooser = LayoutChooser(graph)
    return try chooser.run()
  }
}

/// One walk over a graph, replacing nodes as it goes.
private struct LayoutChooser {
  private var graph: Graph
  /// The graph as it was.
  private let context: FusionContext
  private let variables: Set<Graph.Value>
  private var nodes: [Graph.Node] = []
  private var replacements: [Graph.Value: Graph.Value] = [:]
  /// What nobody reads any longer: left in, it would look like a second reader.
  private var gone: Set<Graph.Value> = []
  /// Stored matrices by outputs.
  private var turned: [Graph.Value: Graph.Value] = [:]

  /// Functions of elements beyond these are left where they are.
  private static let depthLimit = 8

  init(_ graph: Graph) {
    self.graph = graph
    context = FusionContext(graph)
    variables = Set(graph.variables.map(\.value))
  }

  mutating func run() throws -> Graph {
    for node in graph.nodes {
      if let weight = storedMatrix(node) {
        let byOutputs = try turned[weight] ?? turn(weight, node.device)
        turned[weight] = byOutputs
        nodes.append(Graph.Node(LinearOperator(), [node.inputs[0], byOutputs], replacing: node))
      } else if let product = transposedProduct(node) {
        gone.insert(product.outputs[0])
        let right = try matrixTransposed(product.inputs[1], node.device)
        let left = try matrixTransposed(product.inputs[0], node.device)
        nodes.append(Graph.Node(MatmulOperator(), [right, left], replacing: node))
      } else if let transpose = node.operation as? TransposeOperator,
        let source = try pulled(node.inputs[0], transpose.permutation, LayoutChooser.depthLimit),
        graph.spec(source.value) == graph.spec(node.outputs[0])
      {
        nodes += source.nodes
        replacements[node.outputs[0]] = source.value
      } else if let reshape = reshapeOfProduct(node) {
        gone.insert(reshape.outputs[0])
        let value = try append(node.operation, [reshape.inputs[0]], node.device)
        nodes.append(Graph.Node(reshape.operation, [value], replacing: node))
      } else {
        nodes.append(node)
      }
    }
    graph.nodes = nodes.filter { !gone.contains($0.outputs[0]) }
    return graph.replacing(replacements)
  }

  private mutating func append(
    _ operation: any Operator, _ inputs: [Graph.Value], _ device: Device?
  ) throws -> Graph.Value {
    let output = graph.makeValue(try operation.infer(inputs.map { graph.spec($0) })[0])
    nodes.append(Graph.Node(operation, inputs, outputs: [output], device: device))
    return output
  }

  /// The weight of a product of floats by a matrix that is there before the run.
  private func storedMatrix(_ node: Graph.Node) -> Graph.Value? {
    guard node.operation is MatmulOperator, graph.spec(node.outputs[0]).dtype.isFloatingPoint else { return nil }
    let weight = node.inputs[1]
    let isStored = context.constant(weight) != nil || variables.contains(weight)
    return isStored && graph.spec(weight).shape.rank == 2 ? weight : nil
  }

  private mutating func turn(_ weight: Graph.Value, _ device: Device?) throws -> Graph.Value {
    if let tensor = context.constant(weight) {
      return graph.add(constant: tensor.viewed(tensor.layout.permuted([1, 0])))
    }
    return try append(TransposeOperator([1, 0]), [weight], device)
  }

  /// The product whose rows and columns a node exchanges.
  private func transposedProduct(_ node: Graph.Node) -> Graph.Node? {
    let rank = graph.spec(node.outputs[0]).shape.rank
    guard let transpose = node.operation as? TransposeOperator, rank >= 2,
      transpose.permutation == LayoutChooser.matrixOrder(rank),
      let product = context.soleProducer(of: node.inputs[0]), product.operation is MatmulOperator,
      storedMatrix(product) == nil
    else { return nil }
    return product
  }

  private static func matrixOrder(_ rank: Int) -> [Int] { Array(0..<rank - 2) + [rank - 1, rank - 2] }

  private mutating func matrixTransposed(_ value: Graph.Value, _ device: Device?) throws -> Graph.Value {
    try append(TransposeOperator(LayoutChooser.matrixOrder(graph.spec(value).shape.rank)), [value], device)
  }

  /// The reshape of a linear operator's result that stands before an activation which the operator could take in.
  private func reshapeOfProduct(_ node: Graph.Node) -> Graph.Node? {
    guard let unary = node.operation as? UnaryOperator, FusionRule.activations[unary.function] != nil,
      let reshape = context.soleProducer(of: node.inputs[0]),
      reshape.operation is ReshapeOperator, let product = context.soleProducer(of: reshape.inputs[0]),
      product.operation.isEqual(to: LinearOperator())
    else { return nil }
    return reshape
  }
}

extension LayoutChooser {
  /// A value that was made anew, and the nodes that make it.
  private typealias Made = (value: Graph.Value, nodes: [Graph.Node])

  /// What a value's axes in another order are, where functions of elements lead back to transposes that the order undoes, and
  /// to constants; `nil` where anything would have to be moved.
  private mutating func pulled(_ value: Graph.Value, _ order: [Int], _ depth: Int) throws -> Made? {
    if let tensor = context.constant(value) {
      if tensor.elementCount == 1 && tensor.rank <= order.count { return (value, []) }
      guard tensor.rank == order.count else { return nil }
      return (graph.add(constant: tensor.viewed(tensor.layout.permuted(order))), [])
    }
    guard let node = context.producer(of: value) else { return nil }
    if let inner = node.operation as? TransposeOperator {
      return order.map { inner.permutation[$0] } == Array(order.indices) ? (node.inputs[0], []) : nil
    }
    guard depth > 0, context.soleProducer(of: value) != nil, node.outputs.count == 1,
      node.operation is UnaryOperator || node.operation is BinaryOperator || node.operation is CastOperator
        || node.operation is WhereOperator,
      !node.inputs.allSatisfy({ context.constant($0) != nil })
    else { return nil }
    var made: [Graph.Node] = []
    var inputs: [Graph.Value] = []
    for input in node.inputs {
      guard let source = try pulled(input, order, depth - 1) else { return nil }
      made += source.nodes
      inputs.append(source.value)
    }
    let output = graph.makeValue(try node.operation.infer(inputs.map { graph.spec($0) })[0])
    made.append(Graph.Node(node.operation, inputs, outputs: [output], name: node.name, device: node.device))
    return (output, made)
  }
}
