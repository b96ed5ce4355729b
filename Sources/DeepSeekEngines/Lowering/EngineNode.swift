import DeepSeekTensor

/// One operator as an engine is given it: every length known, no symbols among the attributes.
struct EngineNode {
  let operation: any Operator
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]

  /// The first output's lengths.
  var lengths: [Int] { Array(outputs[0].shape) }
}

/// How an engine carries out one type of operator: a row of its table.
///
/// `Emitter` is the engine: it runs the operator at once, or notes it in a graph of its own.
struct OperatorRule<Emitter: EngineEmitter>: Sendable {
  let type: any Operator.Type
  /// Whether the engine has a counterpart for these attributes and types; what it has none for is decomposed.
  let accepts: @Sendable (any Operator, [TensorSpec]) -> Bool
  let emit: @Sendable (Emitter, EngineNode, [Emitter.Value]) throws -> [Emitter.Value]

  /// A rule for operators of one type.
  init<Operation: Operator>(
    _ type: Operation.Type, when accepts: @escaping @Sendable (Operation, [TensorSpec]) -> Bool = { _, _ in true },
    _ emit: @escaping @Sendable (Emitter, Operation, EngineNode, [Emitter.Value]) throws -> [Emitter.Value]
  ) {
    self.type = type
    self.accepts = { operation, specs in (operation as? Operation).map { accepts($0, specs) } ?? false }
    self.emit = { emitter, node, inputs in
      guard let operation = node.operation as? Operation else {
        fatalError("\(node.operation.name) was given to the rule for \(Operation.self)")
      }
      return try emit(emitter, operation, node, inputs)
    }
  }
}

/// An engine as its rules see it.
protocol EngineEmitter: SendableMetatype {
  /// A tensor in the engine.
  associatedtype Value
}

/// An engine's rows by operator type.
struct RuleTable<Emitter: EngineEmitter>: OperatorSupport {
  private let rules: [ObjectIdentifier: OperatorRule<Emitter>]

  init(_ rules: [OperatorRule<Emitter>]) {
    self.rules = Dictionary(uniqueKeysWithValues: rules.map { (ObjectIdentifier($0.type), $0) })
  }

  /// The row for an operator.
  func rule(for operation: any Operator) -> OperatorRule<Emitter>? { rules[ObjectIdentifier(type(of: operation))] }

  func runs(_ operation: any Operator, _ inputs: [TensorSpec]) -> Bool {
    rule(for: operation)?.accepts(operation, inputs) ?? false
  }
}

/// What an engine runs itself.
protocol OperatorSupport: Sendable {
  /// Whether the engine runs the operator on inputs of these types and shapes.
  func runs(_ operation: any Operator, _ inputs: [TensorSpec]) -> Bool
}
