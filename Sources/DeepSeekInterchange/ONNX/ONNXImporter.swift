import DeepSeekCheckpoints
import DeepSeekGraph
import DeepSeekProtocols
import DeepSeekTensor

/// Takes over an ONNX model: says each node that the outputs need with our operators, in the file's order, which is one in
/// which they can run.
struct ONNXImporter {
  private let archive: ONNXArchive
  private let functions: [String: Onnx_FunctionProto]
  private let assembler: GraphAssembler
  private let budget: UnrollingBudget
  private let constants: ONNXExternalFiles

  /// Graphs and functions in one another are not nested deeper in any honest model.
  private static let deepest = 64

  /// With `evaluates` the inputs are tensors and everything is computed at once.
  init(_ archive: ONNXArchive, evaluates: Bool = false) throws {
    self.archive = archive
    assembler = GraphAssembler(fileByteCount: archive.file.byteCount, evaluates: evaluates)
    budget = UnrollingBudget(byteCount: archive.file.byteCount, isLimited: !evaluates)
    constants = ONNXExternalFiles(beside: archive.path)
    var functions: [String: Onnx_FunctionProto] = [:]
    for function in archive.model.functions {
      functions[ONNXImporter.key(function.domain, function.name)] = function
    }
    self.functions = functions
  }

  private var graph: Onnx_GraphProto { archive.model.graph }

  /// An operator's name with its domain, unless that is the default one.
  static func key(_ domain: String, _ name: String) -> String {
    domain.isEmpty || domain == "ai.onnx" ? name : "\(domain).\(name)"
  }

  static func versions(_ sets: [Onnx_OperatorSetIdProto]) -> [String: Int] {
    var versions: [String: Int] = [:]
    for set in sets { versions[set.domain == "ai.onnx" ? "" : set.domain] = Int(set.version) }
    return versions
  }

  // MARK: What is needed

  /// The nodes that some outputs of a graph need, in its order.
  private static func needed(_ graph: Onnx_GraphProto, for outputs: [String]) -> [Onnx_NodeProto] {
    var wanted = Set(outputs)
    var nodes: [Onnx_NodeProto] = []
    for node in graph.node.reversed() where node.output.contains(where: { wanted.contains($0) }) {
      nodes.append(node)
      reads(node, into: &wanted)
    }
    return nodes.reversed()
  }

  /// What a node reads, the graphs inside it included.
  private static func reads(_ node: Onnx_NodeProto, into names: inout Set<String>) {
    names.formUnion(node.input)
    for attribute in node.attribute {
      for graph in graphs(attribute) {
        names.formUnion(graph.output.map(\.name))
        for inner in graph.node { reads(inner, into: &names) }
      }
    }
  }

  private static func graphs(_ attribute: Onnx_AttributeProto) -> [Onnx_GraphProto] {
    (attribute.hasG ? [attribute.g] : []) + attribute.graphs
  }

  /// Throws a list of all operators that neither the table nor the model itself defines.
  private func expectKnownOperators(_ nodes: [Onnx_NodeProto]) throws {
    var missing: [String: (count: Int, first: String)] = [:]
    var seen: Set<String> = []
    func visit(_ nodes: [Onnx_NodeProto], _ depth: Int) {
      for node in nodes {
        let key = ONNXImporter.key(node.domain, node.opType)
        if let function = functions[key] {
          if seen.insert(key).inserted && depth < ONNXImporter.deepest { visit(function.node, depth + 1) }
        } else if ONNXOperator.table[key] == nil && !ONNXOperator.control.contains(key) {
          missing[key, default: (0, ONNXImporter.title(node))].count += 1
        }
        if depth < ONNXImporter.deepest {
          for attribute in node.attribute {
            for graph in ONNXImporter.graphs(attribute) { visit(graph.node, depth + 1) }
          }
        }
      }
    }
    visit(nodes, 0)
    if missing.isEmpty { return }
    let operators = missing.sorted { $0.key < $1.key }.map {
      InterchangeError.MissingOperator(name: $0.key, count: $0.value.count, firstNode: $0.value.first)
    }
    throw InterchangeError(
      .unsupportedOperators, file: archive.path, operators: operators,
      "no counterpart for: \(operators.map(\.description).joined(separator: ", "))",
      advice: "name outputs that do not need them, or export the model with other operators")
  }

  /// A node's name, or what it gives when it has none.
  static func title(_ node: Onnx_NodeProto) -> String { node.name.isEmpty ? node.output.first ?? "" : node.name }

  private func failure(
    _ kind: InterchangeError.Kind, _ node: Onnx_NodeProto, _ message: String, advice: String = ""
  ) -> InterchangeError {
    InterchangeError(
      kind, file: archive.path, node: ONNXImporter.title(node), operation: ONNXImporter.key(node.domain, node.opType),
      message, advice: advice)
  }

  // MARK: Taking over

  /// The graph for some outputs, some of the inputs given as constants.
  func importGraph(_ ports: [ONNXPort], outputs names: [String], shapes: [String: Shape], values: [String: Tensor])
    throws -> Graph
  {
    var inputs: [String: Tensor] = values
    for port in ports where values[port.name] == nil {
      guard let dtype = port.dtype else {
        throw InterchangeError(
          .unsupported, file: archive.path, "input '\(port.name)' is \(port.type), not a tensor that is supported")
      }
      guard let shape = shapes[port.name] ?? port.shape else {
        throw InterchangeError(
          .unsupported, file: archive.path, "the shape of input '\(port.name)' is not known", advice: "give its shape")
      }
      inputs[port.name] = try reporting { try assembler.input(port.name, TensorSpec(dtype, shape)) }
    }
    let results = try run(inputs, outputs: names)
    return try reporting {
      try assembler.finish(outputs: Array(zip(names, results)).map { (name: $0, tensor: $1) }).applying([.deadCode])
        .compacted()
    }
  }

  /// The outputs for some inputs, which are places in a graph or constants.
  func run(_ inputs: [String: Tensor], outputs names: [String]) throws -> [Tensor] {
    let nodes = ONNXImporter.needed(graph, for: names)
    try expectKnownOperators(nodes)
    let scope = ONNXScope(versions: ONNXImporter.versions(archive.model.opsetImport))
    var needed = Set(names)
    for node in nodes { ONNXImporter.reads(node, into: &needed) }
    for entry in archive.initializers where needed.contains(entry.name) && inputs[entry.name] == nil {
      scope[entry.name] = ImportedValue(try archive.tensor(entry.name))
    }
    for sparse in graph.sparseInitializer where needed.contains(sparse.values.name) {
      throw InterchangeError(.unsupported, file: archive.path, "initializer '\(sparse.values.name)' is sparse")
    }
    for (name, tensor) in inputs { scope[name] = ImportedValue(tensor) }
    try run(nodes, scope)
    return try names.map { name in
      guard let value = scope[name] else {
        throw InterchangeError(
          .malformed, file: archive.path, "output '\(name)' is given by no node, input or initializer")
      }
      return value.tensor
    }
  }

  /// What goes wrong outside any node.
  private func reporting<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as OperatorError {
      throw InterchangeError(.malformed, file: archive.path, "\(error)")
    } catch let error as GraphError {
      throw InterchangeError(.malformed, file: archive.path, "\(error)")
    }
  }

  private func run(_ nodes: [Onnx_NodeProto], _ scope: ONNXScope) throws {
    for node in nodes {
      do {
        try run(node, scope)
      } catch let error as ImportFailure {
        throw failure(error.kind, node, error.message, advice: error.advice)
      } catch let error as OperatorError {
        throw failure(.invalidNode, node, "\(error)")
      } catch let error as GraphError {
        throw failure(.invalidNode, node, "\(error)")
      }
    }
  }

  private func run(_ node: Onnx_NodeProto, _ scope: ONNXScope) throws {
    try takeBudget()
    let inputs = try node.input.map { name -> ImportedValue? in
      if name.isEmpty { return nil }
      guard let value = scope[name] else {
        throw ImportFailure(
          kind: .malformed, message: "it reads '\(name)', which no node before it, no input and no initializer gives")
      }
      return value
    }
    let key = ONNXImporter.key(node.domain, node.opType)
    let domain = node.domain == "ai.onnx" ? "" : node.domain
    let context = ONNXNode(
      proto: node, attributes: attributes(node, scope), inputs: inputs, version: scope.versions[domain] ?? 1,
      assembler: assembler, constant: constant)
    let outputs: [ImportedValue]
    if let function = functions[key] {
      outputs = try call(function, context, scope)
    } else if ONNXOperator.control.contains(key) {
      outputs = try control(key, context, scope)
    } else {
      guard let row = ONNXOperator.table[key] else { throw context.unsupported("there is no counterpart") }
      var count = inputs.count
      while count > row.inputs.lowerBound && inputs[count - 1] == nil { count -= 1 }
      guard row.inputs.contains(count) else {
        throw context.invalid("it has \(inputs.count) inputs, which are not as many as it takes")
      }
      outputs = try derived(row.build(context), context)
    }
    for (index, name) in node.output.enumerated() where !name.isEmpty {
      guard outputs.indices.contains(index) else {
        throw context.unsupported("its output \(index), '\(name)', has no counterpart")
      }
      scope[name] = outputs[index]
    }
  }

  private func takeBudget(_ count: Int = 1) throws {
    guard budget.take(count) else {
      throw ImportFailure(
        kind: .tooLarge, message: "loops and functions unroll to more than \(budget.limit) nodes",
        advice: "run the model, which does not unroll it")
    }
  }

  private func derived(_ outputs: [ImportedValue], _ node: ONNXNode) throws -> [ImportedValue] {
    guard let first = outputs.first, first.lengths == nil else { return outputs }
    var outputs = outputs
    outputs[0].lengths = try node.derivedLengths(first.tensor)
    return outputs
  }

  /// A tensor in a node, which a loop may make again in each round.
  private func constant(_ proto: Onnx_TensorProto) throws -> Tensor {
    let tensor = proto.dataLocation == .external ? try constants.tensor(proto, proto.name) : try proto.tensor()
    guard budget.take(byteCount: tensor.elementCount * tensor.dtype.byteCount) else {
      throw ImportFailure(
        kind: .tooLarge, message: "loops and functions repeat tensors beyond what the file can justify",
        advice: "run the model, which does not unroll it")
    }
    return tensor
  }

  private func attributes(_ node: Onnx_NodeProto, _ scope: ONNXScope) -> [String: Onnx_AttributeProto] {
    var result: [String: Onnx_AttributeProto] = [:]
    for attribute in node.attribute {
      if attribute.refAttrName.isEmpty {
        result[attribute.name] = attribute
      } else if let given = scope.attributes[attribute.refAttrName] {
        result[attribute.name] = given
      }
    }
    return result
  }

  private func call(_ function: Onnx_FunctionProto, _ node: ONNXNode, _ caller: ONNXScope) throws -> [ImportedValue] {
    var attributes: [String: Onnx_AttributeProto] = [:]
    for attribute in function.attributeProto { attributes[attribute.name] = attribute }
    for name in function.attribute { attributes[name] = node.attributes[name] ?? attributes[name] }
    for attribute in function.attributeProto {
      attributes[attribute.name] = node.attributes[attribute.name] ?? attribute
    }
    let versions = ONNXImporter.versions(function.opsetImport).merging(caller.versions) { own, _ in own }
    let scope = ONNXScope(callOf: attributes, versions: versions, from: caller)
    try expectShallow(scope)
    guard node.inputs.count <= function.input.count else {
      throw node.invalid("it has \(node.inputs.count) inputs, the function takes \(function.input.count)")
    }
    for (name, value) in zip(function.input, node.inputs) { scope[name] = value }
    try run(function.node, scope)
    return try function.output.map { name in
      guard let value = scope[name] else { throw node.invalid("output '\(name)' of the function is given by no node") }
      return value
    }
  }

  private func expectShallow(_ scope: ONNXScope) throws {
    guard scope.depth <= ONNXImporter.deepest else {
      throw ImportFailure(
        kind: .cycle, message: "graphs and functions are nested more than \(ONNXImporter.deepest) deep")
    }
  }

  // MARK: Graphs inside nodes

  private func control(_ key: String, _ node: ONNXNode, _ scope: ONNXScope) throws -> [ImportedValue] {
    let graph = { (name: String) throws -> Onnx_GraphProto in
      guard let attribute = node.attributes[name], attribute.hasG else {
        throw node.invalid("attribute '\(name)' is not a graph")
      }
      return attribute.g
    }
    switch key {
    case "If":
      return try run(graph(node.truth(0) ? "then_branch" : "else_branch"), [], scope)
    case "Loop":
      return try node.loop { try run(graph("body"), $0, scope) }
    default:
      return try node.scan(inner: graph("body").input.count) { try run(graph("body"), $0, scope) }
    }
  }

  /// The outputs of a graph inside a node.
  private func run(_ graph: Onnx_GraphProto, _ inputs: [ImportedValue], _ outer: ONNXScope) throws -> [ImportedValue] {
    let scope = ONNXScope(inside: outer)
    try expectShallow(scope)
    // A loop may have a body of no nodes, or one of many that nothing needs.
    try takeBudget(1 + graph.initializer.count)
    for initializer in graph.initializer { scope[initializer.name] = ImportedValue(try constant(initializer)) }
    guard inputs.count == graph.input.count else {
      throw ImportFailure(
        kind: .invalidNode, message: "\(inputs.count) values for the \(graph.input.count) inputs of the graph inside")
    }
    for (port, value) in zip(graph.input, inputs) { scope[port.name] = value }
    let names = graph.output.map(\.name)
    let needed = ONNXImporter.needed(graph, for: names)
    try takeBudget(graph.node.count - needed.count)
    try run(needed, scope)
    return try names.map { name in
      guard let value = scope[name] else {
        throw ImportFailure(kind: .invalidNode, message: "output '\(name)' of the graph inside is given by no node")
      }
      return value
    }
  }
}

/// How many nodes may still be taken over, and bytes of tensors in them, loops and functions counted each time: bounded by the
/// file's size, or in a run by what ends within hours.
final class UnrollingBudget {
  /// How many nodes there were.
  let limit: Int
  private var nodes: Int
  private var bytes: Int

  init(byteCount: Int, isLimited: Bool) {
    let size = min(byteCount, 1 << 40)
    limit = isLimited ? 20_000 + size / 16 : 100_000_000
    nodes = limit
    // A run lets them go again.
    bytes = isLimited ? (64 << 20) + 16 * size : .max
  }

  /// Whether there are so many more nodes.
  func take(_ count: Int) -> Bool {
    nodes -= count
    return nodes >= 0
  }

  /// Whether tensors may take so many more bytes.
  func take(byteCount: Int) -> Bool {
    if bytes == .max { return true }
    bytes -= byteCount
    return bytes >= 0
  }
}
