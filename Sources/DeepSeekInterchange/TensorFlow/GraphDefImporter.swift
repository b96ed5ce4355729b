import DeepSeekGraph
import DeepSeekProtocols
import DeepSeekTensor

/// A node of a graph (`function` is `nil`) or of one of its functions.
struct GraphDefPlace: Hashable {
  let function: String?
  let node: Int
}

/// Takes over a `GraphDef`: finds what the outputs need, in an order in which it can run, and says each node with our
/// operators.
final class GraphDefImporter {
  let body: GraphDefBody
  let file: String
  let assembler: GraphAssembler
  private let definitions: [String: Tensorflow_FunctionDef]
  private var functions: [String: GraphDefFunction] = [:]
  private var loops: [GraphDefPlace: (test: GraphDefFunction, round: GraphDefFunction)] = [:]
  /// Conditions that are known only when the graph runs, in the order of their numbers.
  var predicates: [Tensor] = []
  /// Their numbers, by the value of the graph that was read.
  var predicateNumbers: [Int: Int] = [:]

  init(_ graph: Tensorflow_GraphDef, file: String, byteCount: Int) throws {
    self.file = file
    body = try GraphDefBody(graph.node, file: file)
    definitions = Dictionary(
      graph.library.function.map { ($0.signature.name, $0) }, uniquingKeysWith: { first, _ in first })
    assembler = GraphAssembler(fileByteCount: byteCount)
  }

  // MARK: What is needed

  /// The nodes that nobody reads, which are what the graph was made for.
  private func leaves() throws -> [String] {
    let read = Set(
      body.nodes.flatMap { node in
        node.input.compactMap { text -> Int? in
          guard case .node(let place, _)? = body.named(text) else { return nil }
          return place
        }
      })
    let aside: Set = ["Const", "NoOp", "Placeholder", "Assert"]
    let names = body.nodes.indices.filter { !read.contains($0) && !aside.contains(body.nodes[$0].op) }
      .map { body.nodes[$0].name }
    guard !names.isEmpty else {
      throw InterchangeError(
        .unknownName, file: file, "every node is read by another, so there is no output",
        advice: "name the outputs that are wanted")
    }
    return names
  }

  /// The function of a name; `nil` when the library has none.
  func function(_ name: String) throws -> GraphDefFunction? {
    if let known = functions[name] { return known }
    guard let definition = definitions[name] else { return nil }
    let made = try GraphDefFunction(definition, file: file)
    functions[name] = made
    return made
  }

  /// The condition and the rounds of a loop of TensorFlow 1, which stands at a node.
  func loop(_ body: GraphDefBody, _ node: Int) throws -> (test: GraphDefFunction, round: GraphDefFunction) {
    let place = GraphDefPlace(function: body.function, node: node)
    if let known = loops[place] { return known }
    let made = (
      test: try body.loopFunction(node, isCondition: true), round: try body.loopFunction(node, isCondition: false)
    )
    loops[place] = made
    return made
  }

  /// The names of the functions that a node calls.
  func called(_ node: Tensorflow_NodeDef) -> [String] {
    if definitions[node.op] != nil { return [node.op] }
    return (ControlFlow(rawValue: node.op)?.functionAttributes ?? []).flatMap { attribute -> [String] in
      switch node.attr[attribute]?.value {
      case .func(let function)?: [function.name]
      case .list(let list)?: list.func.map(\.name)
      default: []
      }
    }
  }

  /// Throws with all operators without a counterpart, in the graph and in the functions that it calls.
  private func expectKnownOperators(_ order: [Int]) throws {
    var missing: [String: (count: Int, first: String)] = [:]
    var waiting = [(body, order)]
    var seen: Set<String> = []
    var seenLoops: Set<GraphDefPlace> = []
    while let (body, order) = waiting.popLast() {
      let unreached = body.unreached(order)
      for index in order where !unreached.contains(index) {
        let node = body.nodes[index]
        if body.loops[index] != nil {
          if seenLoops.insert(GraphDefPlace(function: body.function, node: index)).inserted {
            let loop = try loop(body, index)
            waiting += [(loop.test.body, loop.test.order), (loop.round.body, loop.round.order)]
          }
          continue
        }
        for name in called(node) where seen.insert(name).inserted {
          if let function = try function(name) { waiting.append((function.body, function.order)) }
        }
        if node.op == "Const" || node.op == "Placeholder" || TensorFlowOperator.table[node.op] != nil
          || ControlFlow(rawValue: node.op) != nil || definitions[node.op] != nil
        {
          continue
        }
        missing[node.op, default: (0, body.label(index))].count += 1
      }
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

  // MARK: Taking over

  /// The graph for some outputs (all leaves when none are named), with some placeholders' shapes given.
  func graph(outputs names: [String]?, shapes: [String: Shape]) throws -> Graph {
    let nodes = body.nodes
    let names = try names ?? leaves()
    let outputs = try names.map { name in
      guard case .node(let place, let output)? = body.source(name) else {
        throw InterchangeError(
          .unknownName, file: file, "no node is named '\(name)'",
          advice: "there are: \(try leaves().prefix(20).joined(separator: ", "))")
      }
      return (name: name, output: output, place: place)
    }
    for name in shapes.keys.sorted() where body.places[name].map({ nodes[$0].op == "Placeholder" }) != true {
      throw InterchangeError(
        .unknownName, file: file, "no placeholder is named '\(name)'",
        advice: "there are: \(nodes.filter { $0.op == "Placeholder" }.map(\.name).joined(separator: ", "))")
    }
    let order = try body.order(from: outputs.map(\.place))
    try expectKnownOperators(order)
    let values = try self.values(
      of: GraphDefCall(body: body, order: order, inputs: try placeholders(order, shapes), depth: 0))
    let fetched = try outputs.map { output in
      let found = values[output.place] ?? []
      if found.first?.isDead == true || found.indices.contains(output.output) && found[output.output].isDead {
        throw body.failure(.unsupported, output.place, "it is never computed: a condition never holds")
      }
      guard found.indices.contains(output.output) else {
        throw body.failure(
          .unknownName, output.place, "it has \(found.count) outputs, '\(output.name)' is not among them")
      }
      guard found[output.output].list == nil else {
        throw body.failure(.unsupported, output.place, "it is a list of tensors, which no graph gives")
      }
      return (name: output.name, tensor: found[output.output].tensor)
    }
    return try assembler.finish(outputs: fetched).applying([.deadCode]).compacted()
  }

  // MARK: Placeholders

  /// The inputs, in the file's order. The first axis of all, where it is open, is one symbol, `batch`; other open axes are
  /// the same symbols in placeholders of one shape, as token ids and their mask are.
  private func placeholders(_ order: [Int], _ shapes: [String: Shape]) throws -> [Int: Tensor] {
    let nodes = body.nodes
    var batch: Dimension?
    var symbols: [[Int?]: [Dimension]] = [:]
    var result: [Int: Tensor] = [:]
    for index in order.sorted() where nodes[index].op == "Placeholder" {
      result[index] = try reporting(body, index) {
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
