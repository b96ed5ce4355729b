public import DeepSeekGraph
import DeepSeekOperators
public import DeepSeekTensor

extension GraphPass {
  /// Brings products to a 16-bit type, as `autocast` does for code that runs at once: their `float32` inputs are cast, constant
  /// weights once and for all by the folding of constants that follows.
  ///
  /// Views, and functions of elements that are not steep, stay in 16 bits when all that they read is; every other operator has
  /// the types that it had, as have outputs and updates. Comes after all fusion, whose patterns know no casts.
  public static func lowPrecision(_ dtype: DType) -> GraphPass {
    GraphPass("low precision") { graph in
      var rewriting = PrecisionRewriting(graph, dtype)
      return rewriting.run()
    }
  }

  /// What is done after ``lowPrecision(_:)``: weights cast, casts that undo each other left out.
  static let castCleaning: [GraphPass] = [.constantFolding, .simplification(), .commonSubexpressions, .deadCode]
}

/// One walk over a graph.
private struct PrecisionRewriting {
  private var graph: Graph
  private let dtype: DType
  private var nodes: [Graph.Node] = []
  /// Values whose nodes now give them in 16 bits, and what they are called there.
  private var lowered: [Graph.Value: Graph.Value] = [:]
  /// Lowered values that some node casts back to what they were.
  private var restored: Set<Graph.Value> = []
  /// Values that stay as they are, in 16 bits.
  private var casts: [Graph.Value: Graph.Value] = [:]

  init(_ graph: Graph, _ dtype: DType) {
    self.graph = graph
    self.dtype = dtype
  }

  mutating func run() -> Graph {
    for node in graph.nodes {
      if lower(node) { continue }
      for input in node.inputs { restore(input, node.device) }
      nodes.append(node)
    }
    for value in graph.results { restore(value, nil) }
    graph.nodes = nodes
    return graph
  }

  /// Puts the node in 16 bits; whether it was.
  private mutating func lower(_ node: Graph.Node) -> Bool {
    let floats = node.inputs.filter { graph.spec($0).dtype == .float32 }
    let isProduct = node.operation.traits.contains(.lowPrecision)
    guard !floats.isEmpty, isProduct || follows(node.operation) && floats.allSatisfy({ lowered[$0] != nil }) else {
      return false
    }
    let specs = node.inputs.map { value in
      let spec = graph.spec(value)
      return spec.dtype == .float32 ? TensorSpec(dtype, spec.shape) : spec
    }
    let known = node.outputs.map { graph.spec($0) }
    // An operator may refuse 16 bits, or give another shape than the one that everything after it was made for.
    guard let outputs = try? node.operation.infer(specs), outputs.map(\.shape) == known.map(\.shape) else {
      return false
    }
    var inputs: [Graph.Value] = []
    for value in node.inputs {
      inputs.append(graph.spec(value).dtype == .float32 ? cast(value, node.device) : value)
    }
    var values: [Graph.Value] = []
    for (value, spec) in zip(node.outputs, outputs) {
      if spec.dtype != graph.spec(value).dtype { lowered[value] = graph.makeValue(spec) }
      values.append(lowered[value] ?? value)
    }
    nodes.append(Graph.Node(node.operation, inputs, outputs: values, name: node.name, device: node.device))
    return true
  }

  /// Whether an operator that reads 16 bits may give 16 bits.
  private func follows(_ operation: any Operator) -> Bool {
    let traits = operation.traits
    if traits.contains(.fullPrecision) || traits.contains(.shapeReadsValues) { return false }
    if let chain = operation as? ElementwiseChainOperator {
      return chain.steps.allSatisfy { !$0.operation.traits.contains(.fullPrecision) }
    }
    return traits.contains(.view) || traits.contains(.elementwise)
  }

  /// A `float32` value in 16 bits.
  private mutating func cast(_ value: Graph.Value, _ device: Device?) -> Graph.Value {
    if let known = lowered[value] ?? casts[value] { return known }
    let result = graph.makeValue(TensorSpec(dtype, graph.spec(value).shape))
    nodes.append(Graph.Node(CastOperator(dtype), [value], outputs: [result], device: device))
    casts[value] = result
    return result
  }

  /// Makes sure that a value is there as it was.
  private mutating func restore(_ value: Graph.Value, _ device: Device?) {
    guard let low = lowered[value], restored.insert(value).inserted else { return }
    nodes.append(Graph.Node(CastOperator(graph.spec(value).dtype), [low], outputs: [value], device: device))
  }
}
