import DeepSeekOperators
import DeepSeekTensor

/// A graph as it is written: everything but the elements of its tensors, which go beside it under the names given here.
struct GraphDocument: Codable {
  /// The version written. A reader refuses a later one.
  static let currentVersion = 1

  /// What the names of packed weights begin with, which lie together before all others, aligned.
  static let alignedPrefix = "aligned."

  /// A value's type and shape.
  struct Spec: Codable {
    var dtype: String
    var shape: Shape
  }

  struct Constant: Codable {
    var value: Graph.Value
    var tensor: String
  }

  struct Variable: Codable {
    var name: String
    var value: Graph.Value
    var tensor: String
    var isTrainable: Bool
    var update: Graph.Value?
  }

  /// A node: the operator's type by its name in the ``Vocabulary``, and its attributes as it encodes them.
  struct Node: Codable {
    var operation: any Operator
    var inputs: [Graph.Value]
    var outputs: [Graph.Value]
    var name: String?
    var device: Device?

    enum Keys: String, CodingKey {
      case operation = "operator"
      case attributes, inputs, outputs, name, device
    }

    init(_ node: Graph.Node) {
      (operation, inputs, outputs) = (node.operation, node.inputs, node.outputs)
      (name, device) = (node.name, node.device)
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      let typeName = try container.decode(String.self, forKey: .operation)
      guard let type = Vocabulary.type(named: typeName) else {
        throw DecodingError.dataCorruptedError(
          forKey: .operation, in: container,
          debugDescription:
            "no operator type '\(typeName)' is known; one of your own must be registered with Vocabulary")
      }
      operation = try container.decode(type, forKey: .attributes)
      inputs = try container.decode([Graph.Value].self, forKey: .inputs)
      outputs = try container.decode([Graph.Value].self, forKey: .outputs)
      name = try container.decodeIfPresent(String.self, forKey: .name)
      device = try container.decodeIfPresent(String.self, forKey: .device).map { text in
        guard let device = try? Device(text) else {
          throw DecodingError.dataCorruptedError(
            forKey: .device, in: container, debugDescription: "'\(text)' is not a device; 'cpu' or 'cpu:N' is expected")
        }
        return device
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(Vocabulary.name(of: type(of: operation)), forKey: .operation)
      try container.encode(operation, forKey: .attributes)
      try container.encode(inputs, forKey: .inputs)
      try container.encode(outputs, forKey: .outputs)
      try container.encodeIfPresent(name, forKey: .name)
      try container.encodeIfPresent(device?.description, forKey: .device)
    }
  }

  var version = GraphDocument.currentVersion
  var specs: [Spec]
  var inputs: [Graph.Port]
  var keys: [Graph.Value]
  var constants: [Constant]
  var variables: [Variable]
  var nodes: [Node]
  var outputs: [Graph.Port]

  /// What is written for a graph. Throws ``GraphError`` when it could not be read back: an operator type that nobody
  /// registered, two symbols of one name.
  init(_ graph: Graph) throws {
    try GraphDocument.expectDistinctSymbols(graph)
    for (index, node) in graph.nodes.enumerated() {
      let type = type(of: node.operation)
      guard let known = Vocabulary.type(named: Vocabulary.name(of: type)), known == type else {
        throw GraphError.invalidNode(
          index, operation: node.operation.name,
          "its type \(type) could not be read back; register it with Vocabulary first")
      }
    }
    specs = graph.specs.map { Spec(dtype: $0.dtype.description, shape: $0.shape) }
    (inputs, keys, outputs) = (graph.inputs, graph.keys, graph.outputs)
    let aligned = Set(
      graph.nodes.flatMap { node in (node.operation as? any PackedOperator).map { node.inputs[$0.weightInputs] } ?? [] }
    )
    constants = graph.constants.enumerated().map { index, constant in
      let prefix = aligned.contains(constant.value) ? GraphDocument.alignedPrefix : "constant."
      return Constant(value: constant.value, tensor: prefix + "\(index)")
    }
    variables = graph.variables.map {
      Variable(
        name: $0.name, value: $0.value, tensor: "variable.\($0.name)", isTrainable: $0.parameter.isTrainable,
        update: $0.update)
    }
    nodes = graph.nodes.map(Node.init)
  }

  private static func expectDistinctSymbols(_ graph: Graph) throws {
    var known: [String: Dimension] = [:]
    for dimension in graph.specs.flatMap(\.shape.dimensions) where dimension.known == nil {
      let name = dimension.description
      if let other = known[name], other != dimension {
        throw GraphError.invalidGraph(
          "two different symbolic lengths are named '\(name)'; name them apart to write them")
      }
      known[name] = dimension
    }
  }

  /// The graph, with tensors found by name. Throws what `tensor` throws, and ``GraphError`` when the whole does not fit.
  func graph(file: String, tensor: (String) throws -> Tensor) throws -> Graph {
    var graph = Graph()
    graph.specs = try specs.enumerated().map { index, spec in
      guard let dtype = DType(name: spec.dtype) else {
        throw GraphError.format(file: file, "value \(index) has the unknown element type '\(spec.dtype)'")
      }
      return TensorSpec(dtype, spec.shape)
    }
    (graph.inputs, graph.keys, graph.outputs) = (inputs, keys, outputs)
    graph.constants = try constants.map { Graph.Constant($0.value, try tensor($0.tensor)) }
    graph.variables = try variables.map {
      Graph.Variable(
        $0.name, $0.value, Parameter(try tensor($0.tensor), isTrainable: $0.isTrainable), update: $0.update)
    }
    graph.nodes = nodes.map {
      Graph.Node($0.operation, $0.inputs, outputs: $0.outputs, name: $0.name, device: $0.device)
    }
    return graph
  }
}
