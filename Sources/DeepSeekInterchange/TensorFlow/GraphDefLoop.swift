import DeepSeekProtocols

/// A loop of TensorFlow 1. It is a circle of nodes: each variable comes in by an `Enter`, meets in a `Merge` what the last
/// round left for it, and a `Switch` sends it on into the next round, or out through an `Exit`, as the one `LoopCond` says.
///
/// A ``GraphDefBody`` sees such a loop as its `LoopCond` alone, a node that reads all `Enter`s and gives the variables' last
/// values: so the graph has no circle any more, and the rest is what any loop with a condition and a body is.
struct GraphDefLoop {
  /// The nodes of a variable.
  struct Variable {
    let enter: Int
    let merge: Int
    let choice: Int
    let next: Int
  }

  /// The variables, in the order of what the loop gives.
  let variables: [Variable]
  /// The `Enter`s of what stays as it is while the loop runs.
  var constants: [Int] = []

  /// What the loop reads: the variables' first values, then what stays as it is.
  var enters: [Int] { variables.map(\.enter) + constants }
}

extension GraphDefBody {
  /// The loops, by their `LoopCond`, without what stays as it is in them.
  func loopVariables() -> [Int: [GraphDefLoop.Variable]] {
    /// The node that an input names, if it is one of these operators.
    func node(_ reader: Int, _ input: Int, _ operations: String...) -> Int? {
      guard nodes[reader].input.indices.contains(input),
        case .node(let place, 0)? = named(nodes[reader].input[input]), operations.contains(nodes[place].op)
      else { return nil }
      return place
    }
    /// Whether a condition reads anything but another loop's.
    func isCondition(_ test: Int) -> Bool {
      guard let text = nodes[test].input.first else { return false }
      if case .node(let place, _)? = named(text) { return nodes[place].op != "LoopCond" }
      return true
    }
    var found: [Int: [GraphDefLoop.Variable]] = [:]
    for choice in nodes.indices where nodes[choice].op == "Switch" || nodes[choice].op == "RefSwitch" {
      guard let test = node(choice, 1, "LoopCond"), isCondition(test), let merge = node(choice, 0, "Merge", "RefMerge"),
        let enter = node(merge, 0, "Enter", "RefEnter"), let next = node(merge, 1, "NextIteration", "RefNextIteration"),
        !nodes[next].input.isEmpty
      else { continue }
      found[test, default: []].append(GraphDefLoop.Variable(enter: enter, merge: merge, choice: choice, next: next))
    }
    return found
  }

  /// The `Enter`s that each loop reads and that are no variable's: found backwards from its condition and from what it leaves
  /// for the next round. A loop inside it counts as one node.
  /// - Throws: ``InterchangeError`` when loops lie in each other in a circle or very deep, or share nodes.
  func loopConstants() throws -> [Int: [Int]] {
    var finished: [Int: [Int]] = [:]
    var isOpen: Set<Int> = []
    // Each node is in one loop at most.
    var left = 2 * nodes.count

    func constants(_ test: Int) throws -> [Int] {
      if let known = finished[test] { return known }
      guard isOpen.insert(test).inserted, isOpen.count <= GraphDefLoop.deepest else {
        throw failure(.cycle, test, "loops lie in each other in a circle, or deeper than \(GraphDefLoop.deepest)")
      }
      defer { isOpen.remove(test) }
      let variables = loops[test]?.variables ?? []
      var seen = Set(variables.flatMap { [$0.merge, $0.choice] })
      var stack = ([test] + variables.map(\.next)).compactMap { place(nodes[$0].input[0]) }
      var result: [Int] = []
      while let node = stack.popLast() {
        guard seen.insert(node).inserted else { continue }
        guard node != test else { throw failure(.cycle, test, "a round of the loop reads what the loop gives") }
        left -= 1
        guard left >= 0 else { throw failure(.malformed, test, "loops share nodes") }
        if let inner = loops[node] {
          let enters = inner.variables.map(\.enter) + (try constants(node))
          stack += enters.flatMap { nodes[$0].input.prefix(1) }.compactMap(place)
        } else if nodes[node].op == "Enter" || nodes[node].op == "RefEnter" {
          result.append(node)
        } else {
          stack += nodes[node].input.compactMap(place) + branches(node)
        }
      }
      finished[test] = result
      return result
    }

    for test in loops.keys.sorted() { _ = try constants(test) }
    return finished
  }

  private func place(_ text: String) -> Int? {
    if case .node(let place, _)? = source(text) { return place }
    return nil
  }

  /// Whether a loop goes on, or what it leaves for the next round, as a function of its variables and of what stays as it is.
  func loopFunction(_ test: Int, isCondition: Bool) throws -> GraphDefFunction {
    guard let loop = loops[test] else { throw failure(.malformed, test, "it is no loop") }
    let inner = inside(loop)
    let readers = isCondition ? [test] : loop.variables.map(\.next)
    let results = try readers.map { reader in
      let text = nodes[reader].input[0]
      guard let source = inner.source(text) else {
        throw failure(.malformed, reader, "it reads '\(text)', which is not in the graph")
      }
      return source
    }
    return try GraphDefFunction(inner, results: results, argumentCount: loop.enters.count)
  }
}

extension GraphDefLoop {
  /// Loops inside each other; more is no real graph.
  static let deepest = 32
}
