import DeepSeekOperators
import DeepSeekTensor

/// What hides keys in an attention that is written out, gathered as it is found.
struct AttentionMask {
  /// Truths of keys: those that are seen, or with `hides`, those that are not.
  struct Condition {
    let value: Graph.Value
    let hides: Bool
  }

  /// Whether queries see the keys up to their own place.
  private(set) var isCausal = false
  private var conditions: [Condition] = []
  /// What is added to scores.
  private var added: [Graph.Value] = []
  /// Numbers that are added where a condition hides a key.
  private var fills: [(condition: Condition, number: Double)] = []
  private let rows: Dimension
  private let columns: Dimension

  /// Nothing is hidden from so many queries of so many keys.
  init(rows: Dimension, columns: Dimension) {
    self.rows = rows
    self.columns = columns
  }

  /// A score below this beside one that counts leaves a weight of exactly zero.
  private static let hidden = -1e4
  /// Below this, what is added to a score takes its place: of a row without any key all weights are alike.
  private static let absorbing = -1e30

  /// Scores that a condition hides are replaced by a number. `false` when that is no mask that attention can take.
  mutating func replace(_ condition: Condition, by number: Double, _ context: FusionContext) -> Bool {
    let parts = context.conjuncts(condition)
    let causal = parts.filter { context.isCausal($0, rows: rows, columns: columns) }
    // A row of which all is hidden gives zeros here, and by a finite number the mean: only where there is none do both agree.
    let leavesNoRow = causal.count == parts.count
    guard number == -.infinity || leavesNoRow && number <= AttentionMask.hidden else {
      guard number <= AttentionMask.absorbing else { return false }
      fills.append((condition, number))
      return true
    }
    isCausal = isCausal || !causal.isEmpty
    conditions += parts.filter { !context.isCausal($0, rows: rows, columns: columns) }
    return true
  }

  /// Something is added to scores.
  mutating func add(_ value: Graph.Value, _ context: FusionContext) {
    if let (condition, number) = context.filled(value),
      number == -.infinity || context.conjuncts(condition).allSatisfy({ isCausalPart($0, context) }),
      replace(condition, by: number, context)
    {
      return
    }
    if context.hidesLaterKeys(value, below: AttentionMask.hidden, rows: rows, columns: columns) {
      isCausal = true
    } else {
      added.append(value)
    }
  }

  private func isCausalPart(_ part: Condition, _ context: FusionContext) -> Bool {
    context.isCausal(part, rows: rows, columns: columns)
  }

  /// The mask as attention takes it, and the nodes that make it of what was found; `nil` when there is none.
  func value(in graph: inout Graph, dtype: DType, device: Device?) throws -> (nodes: [Graph.Node], mask: Graph.Value)? {
    var nodes: [Graph.Node] = []
    func append(_ operation: any Operator, _ inputs: [Graph.Value]) throws -> Graph.Value {
      let output = graph.makeValue(try operation.infer(inputs.map { graph.spec($0) })[0])
      nodes.append(Graph.Node(operation, inputs, outputs: [output], device: device))
      return output
    }
    func number(_ number: Double) -> Graph.Value { graph.add(constant: Tensor.full([], number, dtype: dtype)) }
    func chosen(_ condition: Condition, seen: Graph.Value, hidden: Graph.Value) throws -> Graph.Value {
      try append(WhereOperator(), [condition.value] + (condition.hides ? [hidden, seen] : [seen, hidden]))
    }
    var sum: Graph.Value?
    func add(_ value: Graph.Value) throws {
      sum = try sum.map { try append(BinaryOperator(.add), [$0, value]) } ?? value
    }
    for value in added { try add(value) }
    for fill in fills { try add(chosen(fill.condition, seen: number(0), hidden: number(fill.number))) }
    guard !conditions.isEmpty else { return sum.map { (nodes, $0) } }
    if let floats = sum {
      let mask = try conditions.reduce(floats) { try chosen($1, seen: $0, hidden: number(-.infinity)) }
      return (nodes, mask)
    }
    let truths = try conditions.map {
      $0.hides ? try append(UnaryOperator(.logicalNot), [$0.value]) : $0.value
    }
    let mask = try truths.dropFirst().reduce(truths[0]) { try append(BinaryOperator(.logicalAnd), [$0, $1]) }
    return (nodes, mask)
  }
}

extension FusionContext {
  /// The conditions that hold together where this one does, without those that always hold.
  fileprivate func conjuncts(_ condition: AttentionMask.Condition) -> [AttentionMask.Condition] {
    if let number = uniform(condition.value), (number != 0) != condition.hides { return [] }
    guard let node = producer(of: condition.value), spec(condition.value).dtype == .bool else { return [condition] }
    func parts(_ inputs: [Graph.Value], hides: Bool) -> [AttentionMask.Condition] {
      inputs.flatMap { conjuncts(.init(value: $0, hides: hides)) }
    }
    switch node.operation {
    case is BroadcastOperator: return parts(node.inputs, hides: condition.hides)
    case is CastOperator where spec(node.inputs[0]).dtype == .bool: return parts(node.inputs, hides: condition.hides)
    case let unary as UnaryOperator where unary.function == .logicalNot && spec(node.inputs[0]).dtype == .bool:
      return parts(node.inputs, hides: !condition.hides)
    case let binary as BinaryOperator where node.inputs.allSatisfy { spec($0).dtype == .bool }:
      switch (binary.function, condition.hides) {
      case (.logicalAnd, false), (.multiply, false), (.logicalOr, true), (.add, true):
        return parts(node.inputs, hides: condition.hides)
      default: return [condition]
      }
    default: return [condition]
    }
  }

  fileprivate func isCausal(_ part: AttentionMask.Condition, rows: Dimension, columns: Dimension) -> Bool {
    guard let triangle = triangle(part.value) else { return false }
    return (part.hides ? triangle.negated : triangle).isCausal(rows: rows, columns: columns)
  }

  /// The condition and number of a value that is zero where keys are seen and one number elsewhere.
  fileprivate func filled(_ value: Graph.Value) -> (AttentionMask.Condition, Double)? {
    guard let node = producer(of: value) else { return nil }
    if node.operation is BroadcastOperator { return filled(node.inputs[0]) }
    guard node.operation is WhereOperator, let first = uniform(node.inputs[1]), let second = uniform(node.inputs[2])
    else { return nil }
    if first == 0 { return (.init(value: node.inputs[0], hides: false), second) }
    return second == 0 ? (.init(value: node.inputs[0], hides: true), first) : nil
  }

  /// Whether a value is zero up to each query's own place and below a limit behind it.
  fileprivate func hidesLaterKeys(_ value: Graph.Value, below limit: Double, rows: Dimension, columns: Dimension)
    -> Bool
  {
    if let tensor = constant(value) {
      guard tensor.dtype.isFloatingPoint, let zeros = Triangle(tensor, where: { $0 == 0 }),
        let far = Triangle(tensor, where: { $0 <= limit })
      else { return false }
      return far == zeros.negated && zeros.isCausal(rows: rows, columns: columns)
    }
    guard let node = producer(of: value) else { return false }
    if node.operation is BroadcastOperator {
      return hidesLaterKeys(node.inputs[0], below: limit, rows: rows, columns: columns)
    }
    guard node.operation is TriangularOperator, let number = uniform(node.inputs[0]), number <= limit,
      let far = triangle(value)
    else { return false }
    return far.negated.isCausal(rows: rows, columns: columns)
  }
}
