import DeepSeekGraph
import DeepSeekProtocols
import DeepSeekTensor

/// Takes over a `GraphDef`: finds what the outputs need, in an order in which it can run, and says each node with our
/// operators.
struct GraphDefImporter {
  private let nodes: [Tensorflow_NodeDef]
  private let file: String
  private let places: [String: Int]
  private let assembler: GraphAssembler

  init(_ graph: Tensorflow_GraphDef, file: String, byteCount: Int) throws {
    nodes = graph.node
    self.file = file
    var places: [String: Int] = [:]
    places.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      guard places.updateValue(index, forKey: node.name) == nil else {
        throw InterchangeError(.malformed, file: file, node: node.name, "two nodes have this name")
      }
    }
    self.places = places
    assembler = GraphAssembler(fileByteCount: byteCount)
  }

  /// A tensor of the graph: a node's name, and which of its outputs.
  private struct Reference: Hashable {
    var name: String
    var output: Int

    /// `name`, `name:2`; `nil` for `^name`, which only says that the node runs before.
    init?(_ text: String) {
      if text.hasPrefix("^") { return nil }
      if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number >= 0 {
        (name, output) = (String(text[..<colon]), number)
      } else {
        (name, output) = (text, 0)
      }
    }
  }

  // MARK: What is needed

  /// The nodes that nobody reads, which are what the graph was made for.
  private func leaves() throws -> [String] {
    let read = Set(nodes.flatMap { $0.input.compactMap { Reference($0)?.name } })
    let aside: Set = ["Const", "NoOp", "Placeholder", "Assert"]
    let names = nodes.filter { !read.contains($0.name) && !aside.contains($0.op) }.map(\.name)
    guard !names.isEmpty else {
      throw InterchangeError(
        .unknownName, file: file, "every node is read by another, so there is no output",
        advice: "name the outputs that are wanted")
    }
    return names
  }

  /// What the roots need, each node behind those that it reads. Without recursion: a graph may be a chain of any length.
  private func order(from roots: [Int]) throws -> [Int] {
    enum State { case unseen, open, done }
    var states = Array(repeating: State.unseen, count: nodes.count)
    var order: [Int] = []
    for root in roots where states[root] == .unseen {
      var stack: [(node: Int, next: Int)] = [(root, 0)]
      states[root] = .open
      while let (node, next) = stack.last {
        guard next < nodes[node].input.count else {
          states[node] = .done
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        guard let reference = Reference(nodes[node].input[next]) else { continue }
        guard let source = places[reference.name] else {
          throw failure(.malformed, node, "it reads '\(reference.name)', which is not in the graph")
        }
        switch states[source] {
        case .done: break
        case .open:
          let circle = stack.drop { $0.node != source }.map { "'\(nodes[$0.node].name)'" }
          throw failure(
            .cycle, node, "nodes read each other in a circle: \(circle.prefix(8).joined(separator: ", "))",
            advice: "loops are not supported: export the model without them")
        case .unseen:
          states[source] = .open
          stack.append((source, 0))
        }
      }
    }
    return order
  }

  private func expectKnownOperators(_ order: [Int]) throws {
    var missing: [String: (count: Int, first: String)] = [:]
    for index in order {
      let node = nodes[index]
      if node.op == "Const" || node.op == "Placeholder" || TensorFlowOperator.table[node.op] != nil { continue }
      missing[node.op, default: (0, node.name)].count += 1
    }
    if missing.isEmpty { return }
    let operators = missing.sorted { $0.key < $1.key }.map {
      InterchangeError.MissingOperator(name: $0.key, count: $0.value.count, firstNode: $0.value.first)
    }
    throw InterchangeError(
      .unsupportedOperators, file: file, operators: operators,
      "no counterpart for: \(operators.map(\.description).joined(separator: ", "))",
      advice: "name outputs that do not need them, or freeze the graph for inference")
  }

  private func failure(
    _ kind: InterchangeError.Kind, _ node: Int, _ message: String, advice: String = ""
  ) -> InterchangeError {
    InterchangeError(
      kind, file: file, node: nodes[node].name, operation: nodes[node].op, message, advice: advice)
  }

  // MARK: Taking over

  /// The graph for some outputs (all leaves when none are named), with some placeholders' shapes given.
  func graph(outputs names: [String]?, shapes: [String: Shape]) throws -> Graph {
    let names = try names ?? leaves()
    let outputs = try names.map { name in
      guard let reference = Reference(name), let place = places[reference.name] else {
        throw InterchangeError(
          .unknownName, file: file, "no node is named '\(name)'",
          advice: "there are: \(try leaves().prefix(20).joined(separator: ", "))")
      }
      return (name: name, reference: reference, place: place)
    }
    for name in shapes.keys.sorted() where places[name].map({ nodes[$0].op == "Placeholder" }) != true {
      throw InterchangeError(
        .unknownName, file: file, "no placeholder is named '\(name)'",
        advice: "there are: \(nodes.filter { $0.op == "Placeholder" }.map(\.name).joined(separator: ", "))")
    }
    let order = try order(from: outputs.map(\.place))
    try expectKnownOperators(order)
    let inputs = try placeholders(order, shapes)
    var values: [Int: [ImportedValue]] = [:]
    for index in order { values[index] = try reporting(index) { try build(index, values, inputs) } }
    let fetched = try outputs.map { output in
      let found = values[output.place] ?? []
      guard found.indices.contains(output.reference.output) else {
        throw failure(.unknownName, output.place, "it has \(found.count) outputs, '\(output.name)' is not among them")
      }
      return (name: output.name, tensor: found[output.reference.output].tensor)
    }
    return try assembler.finish(outputs: fetched).applying([.deadCode]).compacted()
  }

  /// What went wrong at a node, with its name.
  private func reporting<Result>(_ index: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ImportFailure {
      throw failure(error.kind, index, error.message, advice: error.advice)
    } catch let error as OperatorError {
      throw failure(.invalidNode, index, "\(error)")
    } catch let error as GraphError {
      throw failure(.invalidNode, index, "\(error)")
    }
  }

  private func build(_ index: Int, _ values: [Int: [ImportedValue]], _ placeholders: [Int: Tensor]) throws
    -> [ImportedValue]
  {
    let node = nodes[index]
    if let input = placeholders[index] { return [ImportedValue(input)] }
    if node.op == "Const" {
      guard case .tensor(let proto)? = node.attr["value"]?.value else {
        throw failure(.invalidNode, index, "attribute 'value' is not a tensor")
      }
      // Texts are read by nobody but messages, so only who needs them fails.
      if proto.dtype == .dtString { return [] }
      return [ImportedValue(try proto.tensor(assembler))]
    }
    guard let row = TensorFlowOperator.table[node.op] else { return [] }
    let inputs = try node.input.compactMap(Reference.init).map { reference in
      let found = places[reference.name].flatMap { values[$0] } ?? []
      guard found.indices.contains(reference.output) else {
        throw failure(
          .invalidNode, index, "it reads output \(reference.output) of '\(reference.name)', which has \(found.count)")
      }
      return found[reference.output]
    }
    guard row.inputs.contains(inputs.count) else {
      throw failure(.invalidNode, index, "it has \(inputs.count) inputs, which are not as many as it takes")
    }
    let context = TensorFlowNode(proto: node, inputs: inputs, assembler: assembler)
    var outputs = try row.build(context)
    if !outputs.isEmpty && outputs[0].lengths == nil {
      outputs[0].lengths = try context.derivedLengths(outputs[0].tensor)
    }
    return outputs
  }

  // MARK: Placeholders

  /// The inputs, in the file's order. The first axis of all, where it is open, is one symbol, `batch`; other open axes are
  /// the same symbols in placeholders of one shape, as token ids and their mask are.
  private func placeholders(_ order: [Int], _ shapes: [String: Shape]) throws -> [Int: Tensor] {
    var batch: Dimension?
    var symbols: [[Int?]: [Dimension]] = [:]
    var result: [Int: Tensor] = [:]
    for index in order.sorted() where nodes[index].op == "Placeholder" {
      result[index] = try reporting(index) {
        let node = TensorFlowNode(proto: nodes[index], inputs: [], assembler: assembler)
        let dtype = try node.dtype("dtype")
        let shape: Shape
        if let given = shapes[nodes[index].name] {
          shape = given
        } else {
          guard case .shape(let proto)? = nodes[index].attr["shape"]?.value, let lengths = try proto.lengths() else {
            throw node.unsupported("its shape is not known", advice: "give its shape")
          }
          let dimensions =
            symbols[lengths]
            ?? lengths.enumerated().map { axis, length in
              if let length { return Dimension(length) }
              if axis > 0 { return .symbol("\(nodes[index].name).\(axis)") }
              batch = batch ?? .symbol("batch")
              return batch!
            }
          symbols[lengths] = dimensions
          shape = Shape(dimensions)
        }
        return try assembler.input(nodes[index].name, TensorSpec(dtype, shape))
      }
    }
    return result
  }
}
