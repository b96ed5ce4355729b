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
  /// Loops of TensorFlow 1, by their `LoopCond`, which stands for all of one.
  private(set) var loops: [Int: GraphDefLoop] = [:]
  private var arguments: [String: Int]
  /// The nodes of a loop that are arguments inside it.
  private var bound: [Int: Int] = [:]
  /// The loop's `Switch`es: of which loop, and of which variable.
  private var choices: [Int: (test: Int, variable: Int)] = [:]
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
    for (test, variables) in loopVariables() {
      loops[test] = GraphDefLoop(variables: variables)
      for (number, variable) in variables.enumerated() { choices[variable.choice] = (test, number) }
    }
    for (test, constants) in try loopConstants() { loops[test]?.constants = constants }
  }

  /// The same nodes as they are inside a loop, whose variables and what stays as it is are arguments.
  func inside(_ loop: GraphDefLoop) -> GraphDefBody {
    var inner = self
    inner.arguments = [:]
    inner.bound = [:]
    for (number, variable) in loop.variables.enumerated() {
      inner.bound[variable.merge] = number
      inner.bound[variable.choice] = number
    }
    for (number, enter) in loop.constants.enumerated() { inner.bound[enter] = loop.variables.count + number }
    return inner
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
  /// function. `nil` for `^name`, which only says that the node runs before, and for what is not there. What a loop gives is
  /// its `LoopCond`'s.
  func source(_ text: String) -> Source? {
    let found = named(text)
    guard !loops.isEmpty, case .node(let place, let output)? = found else { return found }
    let choice = choices[place]
    if let argument = bound[place], output == (choice == nil ? 0 : 1) { return .argument(argument) }
    if let choice, output == 0 { return .node(choice.test, output: choice.variable) }
    // Whoever reads the condition itself means what it reads.
    return loops[place] == nil ? found : source(nodes[place].input[0])
  }

  /// A tensor by its name, whether in a loop or not.
  func named(_ text: String) -> Source? {
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
      if nodes[place].op == "Switch" { return choices[place] == nil }
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
      let read = reads(node).compactMap { _, source -> Bool? in
        guard case .node(let place, let output)? = source else { return nil }
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
            advice: "what is inside a loop of TensorFlow 1 is no output, and a loop has all of Enter, Merge, Switch, "
              + "LoopCond and NextIteration")
        case .unseen:
          states[source] = .open
          stack.append((source, 0, try self.sources(source)))
        }
      }
    }
    return order
  }

  /// What a node reads, by name and place: what it names, or for a loop its `Enter`s.
  func reads(_ node: Int) -> [(text: String, source: Source?)] {
    if let loop = loops[node] { return loop.enters.map { (nodes[$0].name, .node($0, output: 0)) } }
    return nodes[node].input.filter { !$0.hasPrefix("^") }.map { ($0, source($0)) }
  }

  /// The nodes that one reads or follows. Throws when one of them is not there.
  private func sources(_ node: Int) throws -> [Int] {
    let read = try reads(node).compactMap { text, source -> Int? in
      switch source {
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
    let body = try GraphDefBody(definition.nodeDef, signature: signature, file: file)
    let results = try signature.outputArg.map { output in
      guard let source = definition.ret[output.name].flatMap({ body.source($0) }) else {
        throw InterchangeError(
          .malformed, file: file, node: signature.name, "the function's output '\(output.name)' is not among its nodes")
      }
      return source
    }
    try self.init(body, results: results, argumentCount: signature.inputArg.count)
  }

  /// Nodes of a body that give `results`.
  init(_ body: GraphDefBody, results: [GraphDefBody.Source], argumentCount: Int) throws {
    self.body = body
    self.results = results
    self.argumentCount = argumentCount
    order = try body.order(from: GraphDefFunction.roots(results))
  }

  private static func roots(_ results: [GraphDefBody.Source]) -> [Int] {
    results.compactMap { source in
      if case .node(let place, _) = source { return place }
      return nil
    }
  }
}
