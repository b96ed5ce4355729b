import DeepSeekOperators
import DeepSeekTensor

/// Loops. Our graphs have none, so that they are written out, round by round.
///
/// How often they run must be known, or at least how often at most: `LogicalAnd` of a condition with a bound, as TensorFlow
/// makes it of `maximum_iterations`. Then all rounds are computed, and what the variables are at the end is chosen.
extension GraphDefImporter {
  /// A loop of TensorFlow 1.
  func looped(_ index: Int, _ call: GraphDefCall, _ node: TensorFlowNode) throws -> [ImportedValue] {
    let loop = try loop(call.body, index)
    let count = loop.round.results.count
    return try repeated(
      loop.test, loop.round, Array(node.inputs.prefix(count)), Array(node.inputs.dropFirst(count)), node,
      depth: call.depth)
  }

  /// What variables are when a loop ends.
  /// - Parameters:
  ///   - test: Whether it goes on.
  ///   - round: What it makes of the variables.
  ///   - constants: What both are given behind the variables.
  func repeated(
    _ test: GraphDefFunction, _ round: GraphDefFunction, _ start: [ImportedValue], _ constants: [ImportedValue],
    _ node: TensorFlowNode, depth: Int
  ) throws -> [ImportedValue] {
    /// The variables if the loop has gone on until now.
    var state = start
    /// The variables as they are, and whether it has gone on until now, once that depends on values.
    var open: (state: [ImportedValue], goesOn: Tensor)?
    while true {
      try assembler.count(1)
      guard let truth = try call(test, state + constants, node, depth: depth).first else {
        throw node.invalid("its condition gives nothing")
      }
      switch try condition(truth, node) {
      case .known(false): return open?.state ?? state
      case .known(true): break
      case .open(let predicate):
        guard truth.isBounded else {
          throw node.unsupported(
            "how often it runs depends on values that are known only when the graph runs",
            advice: "give the placeholders fixed shapes, or the loop maximum_iterations")
        }
        open = try open.map { ($0.state, try node.binary(.logicalAnd, $0.goesOn, predicate)) } ?? (state, predicate)
      }
      let next = try call(round, state + constants, node, depth: depth)
      guard next.count == state.count else {
        throw node.invalid("its body gives \(next.count) tensors for \(state.count)")
      }
      if let (ended, goesOn) = open {
        open = (
          try next.indices.map { try ended[$0].replaced(state[$0], next[$0], self, goesOn, node) }, goesOn
        )
      }
      state = next
    }
  }
}

extension ImportedValue {
  /// What a variable is after a round that may not have been run; itself where the round does nothing to it.
  fileprivate func replaced(
    _ before: ImportedValue, _ after: ImportedValue, _ importer: GraphDefImporter, _ goesOn: Tensor,
    _ node: TensorFlowNode
  ) throws -> ImportedValue {
    guard let old = before.list, let new = after.list, let mine = list, old.count == new.count, mine.count == old.count
    else {
      return before.list == nil && after.list == nil && ImportedValue.isSame(before.tensor, after.tensor)
        ? self : try importer.chosen(goesOn, after, self, node)
    }
    try importer.assembler.countCopy(mine)
    // Of a list that a round writes one tensor to, the others stay.
    let changed = old.indices.filter { !ImportedValue.isSame(old[$0], new[$0]) }
    let written = try importer.chosen(
      goesOn, ImportedValue(list: changed.map { new[$0] }), ImportedValue(list: changed.map { mine[$0] }), node)
    var result = mine
    for (place, index) in changed.enumerated() { result[index] = written.list?[place] }
    return ImportedValue(list: result)
  }

  /// Whether two tensors are one place in the graph.
  private static func isSame(_ a: Tensor?, _ b: Tensor?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.graphValue != nil && a.graphValue?.index == b.graphValue?.index
  }
}
