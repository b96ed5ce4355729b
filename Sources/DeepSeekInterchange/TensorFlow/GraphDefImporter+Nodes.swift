import DeepSeekGraph
import DeepSeekOperators
import DeepSeekProtocols
import DeepSeekTensor

/// Nodes that are computed: a graph's, or a function's for some arguments.
struct GraphDefCall {
  let body: GraphDefBody
  let order: [Int]
  /// What placeholders stand for.
  var inputs: [Int: Tensor] = [:]
  var arguments: [ImportedValue] = []
  /// How many calls it lies in.
  let depth: Int
}

extension GraphDefImporter {
  /// What each node gives.
  func values(of call: GraphDefCall) throws -> [Int: [ImportedValue]] {
    var values: [Int: [ImportedValue]] = [:]
    for index in call.order {
      values[index] = try reporting(call.body, index) {
        try assembler.count(1)
        return try build(index, call, values)
      }
    }
    return values
  }

  /// What went wrong at a node, with its name.
  func reporting<Result>(_ body: GraphDefBody, _ index: Int, _ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as ImportFailure {
      throw body.failure(error.kind, index, error.message, advice: error.advice)
    } catch let error as OperatorError {
      throw body.failure(.invalidNode, index, "\(error)")
    } catch let error as GraphError {
      throw body.failure(.invalidNode, index, "\(error)")
    }
  }

  private func build(
    _ index: Int, _ call: GraphDefCall, _ values: [Int: [ImportedValue]]
  ) throws -> [ImportedValue] {
    let node = call.body.nodes[index]
    if let input = call.inputs[index] { return [ImportedValue(input)] }
    let inputs = try call.body.reads(index).map { try value($0.source, $0.text, index, call, values) }
    let context = TensorFlowNode(proto: node, inputs: inputs, assembler: assembler)
    if node.op == "Merge" || node.op == "RefMerge" { return try merged(context) }
    // A constant on a way of a branch reads nothing, and only waits for the way to be taken.
    let waits = call.body.branches(index).map { onBranch(call.body.nodes[$0], values[$0] ?? []) }
    guard let conditions = ImportedValue.combined(inputs + waits) else { return [.dead] }
    var outputs = try computed(index, call, context)
    for place in outputs.indices where !outputs[place].isDead {
      outputs[place].conditions.merge(conditions) { _, other in other }
    }
    return outputs
  }

  /// What a node on a way of a branch gives; of a `Switch` itself, which has both ways, nothing follows.
  private func onBranch(_ node: Tensorflow_NodeDef, _ values: [ImportedValue]) -> ImportedValue {
    values.count == 1 ? values[0] : ImportedValue(Tensor.zeros([0]))
  }

  private func computed(_ index: Int, _ call: GraphDefCall, _ node: TensorFlowNode) throws -> [ImportedValue] {
    let operation = node.proto.op
    if operation == "Const" {
      guard case .tensor(let proto)? = node.proto.attr["value"]?.value else {
        throw node.invalid("attribute 'value' is not a tensor")
      }
      // Texts are read by nobody but messages, so only who needs them fails.
      return proto.dtype == .dtString ? [] : [ImportedValue(try proto.tensor(assembler))]
    }
    if call.body.loops[index] != nil { return try looped(index, call, node) }
    if operation == "Placeholder" { throw node.unsupported("a placeholder inside a function") }
    if let control = ControlFlow(rawValue: operation) { return try followed(control, node, depth: call.depth) }
    if let function = try function(operation) { return try self.call(function, node.inputs, node, depth: call.depth) }
    guard let row = TensorFlowOperator.table[operation] else { throw node.unsupported("it has no counterpart") }
    guard row.inputs.contains(node.inputs.count) else {
      throw node.invalid("it has \(node.inputs.count) inputs, which are not as many as it takes")
    }
    if node.inputs.contains(where: { $0.list != nil }), !TensorFlowOperator.takesLists(operation) {
      throw node.invalid("it reads a list of tensors")
    }
    var outputs = try row.build(node)
    if !outputs.isEmpty && outputs[0].lengths == nil && outputs[0].list == nil {
      outputs[0].lengths = try node.derivedLengths(outputs[0].tensor)
      // How often a loop runs follows from a length, say, beside which others may be open.
      if let constant = outputs[0].lengths.flatMap({ Length.constant($0, outputs[0].tensor.spec) }) {
        outputs[0].tensor = constant
      }
    }
    return outputs
  }

  /// What a node reads under a name.
  private func value(
    _ source: GraphDefBody.Source?, _ text: String, _ reader: Int, _ call: GraphDefCall,
    _ values: [Int: [ImportedValue]]
  ) throws -> ImportedValue {
    switch source {
    case .argument(let number)? where call.arguments.indices.contains(number): return call.arguments[number]
    case .node(let place, let output)?:
      let found = values[place] ?? []
      if let first = found.first, first.isDead, found.count == 1 { return first }
      guard found.indices.contains(output) else {
        throw call.body.failure(
          .invalidNode, reader,
          "it reads output \(output) of '\(call.body.nodes[place].name)', which has \(found.count)")
      }
      return found[output]
    default: throw call.body.failure(.malformed, reader, "it reads '\(text)', which is not in the graph")
    }
  }

  /// What a function gives for some arguments.
  func call(
    _ function: GraphDefFunction, _ arguments: [ImportedValue], _ node: TensorFlowNode, depth: Int
  ) throws -> [ImportedValue] {
    guard depth < GraphDefImporter.deepestCall else {
      throw node.unsupported("calls of functions nest deeper than \(GraphDefImporter.deepestCall)")
    }
    guard arguments.count == function.argumentCount else {
      throw node.invalid(
        "\(arguments.count) arguments for '\(function.body.function ?? "")', which has \(function.argumentCount)")
    }
    let call = GraphDefCall(body: function.body, order: function.order, arguments: arguments, depth: depth + 1)
    let values = try values(of: call)
    return try function.results.map { source in
      switch source {
      case .argument(let number): return arguments[number]
      case .node(let place, let output):
        let found = values[place] ?? []
        if let first = found.first, first.isDead, found.count == 1 { return first }
        guard found.indices.contains(output) else {
          throw node.invalid("'\(function.body.label(place))' has \(found.count) outputs, not \(output + 1)")
        }
        return found[output]
      }
    }
  }

  /// Calls inside each other; more is a function that calls itself.
  private static let deepestCall = 64
}
