import DeepSeekProtocols

/// Nodes that read each other: those of a graph, or of a function.
struct GraphDefBody {
  /// What a node reads.
  enum Source {
    /// An output of the node at a place.
    case node(Int, output: Int)
    /// An argument of the function.
    case argument(Int)
  }

  let nodes: [Tensorflow_NodeDef]
  /// Nodes by their names.
  let places: [String: Int]
  /// What a function is called; `nil` for a graph.
  let function: String?
  private let arguments: [String: Int]
  private let file: String

  /// - Parameter signature: That of the function whose nodes they are.
  init(_ nodes: [Tensorflow_NodeDef], signature: Tensorflow_OpDef? = nil, file: String) throws {
    self.nodes = nodes
    self.file = file
    function = signature?.name
    arguments = Dictionary(
      (signature?.inputArg ?? []).enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var places: [String: Int] = [:]
    places.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      guard places.updateValue(index, forKey: node.name) == nil else {
        throw InterchangeError(.malformed, file: file, node: node.name, "two nodes have this name")
      }
    }
    self.places = places
  }

  /// The name of a node in messages.
  func label(_ node: Int) -> String { (function.map { $0 + "/" } ?? "") + nodes[node].name }

  /// An error about a node.
  func failure(
    _ kind: InterchangeError.Kind, _ node: Int, _ message: String, advice: String = ""
  ) -> InterchangeError {
    InterchangeError(kind, file: file, node: label(node), operation: nodes[node].op, message, advice: advice)
  }

  /// A tensor by its name: `name` or `name:2` in a graph; `argument`, or `name:output:2` with an output's name, in a
  /// function. `nil` for `^name`, which only says that the node runs before, and for what is not there.
  func source(_ text: String) -> Source? {
    if text.hasPrefix("^") { return nil }
    if function != nil {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      if parts.count == 1, let argument = arguments[text] { return .argument(argument) }
      guard let place = places[parts[0]] else { return nil }
      if parts.count < 3 { return parts.count == 1 ? .node(place, output: 0) : nil }
      guard parts.count == 3, let number = Int(parts[2]), number >= 0 else { return nil }
      guard let names = FunctionInlining.outputNames[nodes[place].op] else { return .node(place, output: number) }
      return names.firstIndex(of: parts[1]).map { .node(place, output: $0) }
    }
    if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number >= 0 {
      return places[String(text[..<colon])].map { .node($0, output: number) }
    }
    return places[text].map { .node($0, output: 0) }
  }

  /// The nodes that one waits for which stand on a way of a branch: that it is wanted follows from theirs.
  func branches(_ node: Int) -> [Int] {
    nodes[node].input.compactMap { text in
      guard text.hasPrefix("^"), let place = places[String(text.dropFirst())], isOnBranch(place) else { return nil }
      return place
    }
  }

  /// Whether a node passes on what a `Switch` gives.
  private func isOnBranch(_ node: Int) -> Bool {
    var place = node
    // A few identities at most stand between.
    for _ in 0..<8 {
      if nodes[place].op == "Switch" { return true }
      guard nodes[place].op == "Identity", let first = nodes[place].input.first,
        case .node(let source, _)? = source(first)
      else { return false }
      place = source
    }
    return false
  }

  /// The nodes of an order that lie on the way of a `Switch` that its condition, a constant, does not take: such as what only
  /// trains.
  func unreached(_ order: [Int]) -> Set<Int> {
    var result: Set<Int> = []
    for node in order {
      let read = nodes[node].input.compactMap { text -> Bool? in
        guard case .node(let place, let output)? = source(text) else { return nil }
        if nodes[place].op == "Switch", let way = constantWay(place) { return output != (way ? 1 : 0) }
        return result.contains(place)
      }
      let waits = branches(node).contains { result.contains($0) }
      let isMerge = nodes[node].op == "Merge"
      if isMerge ? !read.isEmpty && read.allSatisfy({ $0 }) : waits || read.contains(true) { result.insert(node) }
    }
    return result
  }

  /// Which way a `Switch` takes whose condition is a constant.
  private func constantWay(_ node: Int) -> Bool? {
    guard nodes[node].input.count == 2 else { return nil }
    var text = nodes[node].input[1]
    for _ in 0..<8 {
      guard case .node(let place, _)? = source(text) else { return nil }
      if nodes[place].op == "Const", case .tensor(let proto)? = nodes[place].attr["value"]?.value {
        if let first = proto.boolVal.first { return first }
        return proto.dtype == .dtBool ? proto.tensorContent.first.map { $0 != 0 } : nil
      }
      guard nodes[place].op == "Identity", let first = nodes[place].input.first else { return nil }
      text = first
    }
    return nil
  }

  /// What the roots need, each node behind those that it reads. Without recursion: a graph may be a chain of any length.
  func order(from roots: [Int]) throws -> [Int] {
    enum State { case unseen, open, done }
    var states = Array(repeating: State.unseen, count: nodes.count)
    var order: [Int] = []
    for root in roots where states[root] == .unseen {
      var stack: [(node: Int, next: Int, sources: [Int])] = [(root, 0, try sources(root))]
      states[root] = .open
      while let (node, next, sources) = stack.last {
        guard next < sources.count else {
          states[node] = .done
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let source = sources[next]
        switch states[source] {
        case .done: break
        case .open:
          let circle = stack.drop { $0.node != source }.map { "'\(nodes[$0.node].name)'" }
          throw failure(
            .cycle, node, "nodes read each other in a circle: \(circle.prefix(8).joined(separator: ", "))",
            advice: "loops of TensorFlow 1 (Enter, NextIteration) are not supported: freeze the model with "
              + "lower_control_flow=False, which keeps them whole, or without them")
        case .unseen:
          states[source] = .open
          stack.append((source, 0, try self.sources(source)))
        }
      }
    }
    return order
  }

  /// The nodes that one reads or follows. Throws when one of them is not there.
  private func sources(_ node: Int) throws -> [Int] {
    let read = try nodes[node].input.compactMap { text -> Int? in
      if text.hasPrefix("^") { return nil }
      switch source(text) {
      case .node(let place, _)?: return place
      case .argument?: return nil
      case nil:
        let name = function == nil ? String(text.prefix { $0 != ":" }) : text
        throw failure(.malformed, node, "it reads '\(name)', which is not in the graph")
      }
    }
    return read + branches(node)
  }
}

/// A function of a graph's library: its nodes, in an order in which they run, and what it gives.
struct GraphDefFunction {
  let body: GraphDefBody
  let order: [Int]
  let results: [GraphDefBody.Source]
  let argumentCount: Int

  init(_ definition: Tensorflow_FunctionDef, file: String) throws {
    let signature = definition.signature
    body = try GraphDefBody(definition.nodeDef, signature: signature, file: file)
    argumentCount = signature.inputArg.count
    results = try signature.outputArg.map { [body] output in
      guard let source = definition.ret[output.name].flatMap({ body.source($0) }) else {
        throw InterchangeError(
          .malformed, file: file, node: signature.name, "the function's output '\(output.name)' is not among its nodes")
      }
      return source
    }
    order = try body.order(
      from: results.compactMap { source in
        if case .node(let place, _) = source { return place }
        return nil
      })
  }
}
