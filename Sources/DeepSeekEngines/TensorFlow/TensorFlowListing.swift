package import DeepSeekGraph
package import DeepSeekTensor

/// A graph of ours said in TensorFlow's operations, by the same rules by which it runs there, its variables as constants and
/// all lengths known: what a file is written of.
package struct TensorFlowListing: Sendable {
  /// An operation.
  package struct Node: Sendable {
    package let name: String
    package let type: String
    /// What it reads: `name`, or `name:1` for another output than the first.
    package let inputs: [String]
    /// All that its definition asks for, those that follow from the inputs' types among them.
    package let attributes: [(name: String, value: TensorFlowAttribute)]
  }

  /// In an order in which they can run. Inputs are placeholders and outputs identities of their names.
  package let nodes: [Node]

  /// - Parameters:
  ///   - graph: What is said. Random numbers cannot be: they are drawn by our own kernels.
  ///   - shapes: The shapes of inputs, by name, whose lengths are open.
  ///   - name: What a name of ours is in TensorFlow.
  /// - Throws: ``EngineError/unsupportedOperators(engine:_:)`` with everything that is missing; `GraphError` when an input's
  ///   shape is not known or does not fit.
  package init(_ graph: Graph, shapes: [String: Shape], name: (String) -> String) throws {
    var frozen = graph
    frozen.constants += graph.variables.map { Graph.Constant($0.value, $0.parameter.value.detached()) }
    frozen.variables = []
    let specs = try frozen.inputs.map { input -> TensorSpec in
      let spec = frozen.spec(input.value)
      let shape = shapes[input.name] ?? spec.shape
      guard shape.isKnown else {
        throw GraphError.feed(input.name, "\(spec) has lengths that are open: give its shape")
      }
      return TensorSpec(spec.dtype, shape)
    }
    if let unknown = shapes.keys.filter({ graph.inputSpec($0) == nil }).min() {
      throw GraphError.unknownName(kind: "input", unknown, known: graph.inputs.map(\.name))
    }
    let lowered = try LoweredGraph(
      frozen, fetches: Array(frozen.outputs.indices), updatesVariables: false, shapes: specs.map(\.shape),
      engine: "tensorflow", TensorFlowEmitter.table)
    let draws = frozen.nodes.map(\.operation).filter { $0.traits.contains(.random) }
    if lowered.host != nil {
      throw EngineError.unsupportedOperators(
        engine: "a file of TensorFlow's", Dictionary(draws.map { ($0.name, 1) }, uniquingKeysWith: +))
    }
    let target = TensorFlowNodeList()
    let emitter = TensorFlowEmitter(target)
    let places = try zip(frozen.inputs, specs).map {
      try emitter.placeholder($1, name: target.unique(name($0.name)))
    }
    func place(_ source: LoweredGraph.Source) throws -> TensorFlowOutput {
      guard case .input(let index) = source else { throw GraphError.invalidGraph("an output is a random key") }
      return places[index]
    }
    // The outputs' names come before those that are made up.
    let names = frozen.outputs.map { target.unique(name($0.name)) }
    var values: [Graph.Value: TensorFlowOutput] = [:]
    for (input, source) in zip(lowered.graph.inputs, lowered.sources) {
      if case .input = source { values[input.value] = try place(source) }
    }
    for constant in lowered.graph.constants { values[constant.value] = try emitter.constant(constant.tensor) }
    try emitter.nodes(of: lowered.graph, &values)
    for (name, result) in zip(names, lowered.results) {
      let value =
        switch result {
        case .engine(let index): values[lowered.graph.outputs[index].value]!
        case .source(let index): try place(lowered.sources[index])
        case .constant(let tensor): try emitter.constant(tensor)
        case .host: fatalError("TensorFlowListing: a random draw in a graph without any")
        }
      _ = try emitter.operation("Identity", [value], name: name)
    }
    nodes = target.nodes
  }
}

/// Gathers operations with all their attributes.
private final class TensorFlowNodeList: TensorFlowTarget {
  private(set) var nodes: [TensorFlowListing.Node] = []
  private var types: [[DType]] = []
  private var taken: Set<String> = []

  /// A name that no other has, made of this one.
  func unique(_ name: String) -> String {
    var (result, number) = (name, 0)
    while !taken.insert(result).inserted {
      number += 1
      result = "\(name)_\(number)"
    }
    return result
  }

  func add(_ operation: TensorFlowOperation) throws {
    let inputs = operation.list + operation.inputs
    let read = inputs.map { types[$0.operation][$0.index] }
    let given = Dictionary(uniqueKeysWithValues: operation.attributes.map { ($0.name, $0.value) })
    func type(_ attribute: String) -> DType? {
      if case .type(let dtype)? = given[attribute] { return dtype }
      return nil
    }
    let signature = TensorFlowSignature(operation.type)
    var attributes = operation.attributes
    if !operation.list.isEmpty { attributes.append(("N", .integer(operation.list.count))) }
    for (attribute, place) in signature.types {
      attributes.append((attribute, .type(read[place >= 0 ? place : read.count + place])))
    }
    types.append(
      signature.outputs.map { output in
        switch output {
        case .input(let place): read[place]
        case .attribute(let name, let other): type(name) ?? other
        case .type(let dtype): dtype
        }
      })
    // Placeholders and outputs have the names that were reserved for them.
    let isNamed = operation.type == "Placeholder" || operation.type == "Identity"
    nodes.append(
      TensorFlowListing.Node(
        name: isNamed ? operation.name : unique(operation.name), type: operation.type,
        inputs: inputs.map { nodes[$0.operation].name + ($0.index == 0 ? "" : ":\($0.index)") },
        attributes: attributes))
  }
}
