import DeepSeekOperators
import DeepSeekTensor

/// One row of the table of TensorFlow's operators: how it is said with ours.
struct TensorFlowOperator: Sendable {
  /// The name in a `GraphDef`.
  let name: String
  /// How many inputs it may have.
  let inputs: ClosedRange<Int>
  /// Its outputs.
  let build: @Sendable (TensorFlowNode) throws -> [ImportedValue]

  /// An operator of several outputs.
  init(
    _ name: String, _ inputs: ClosedRange<Int>, values: @escaping @Sendable (TensorFlowNode) throws -> [ImportedValue]
  ) {
    self.name = name
    self.inputs = inputs
    build = values
  }

  /// An operator of one output.
  init(_ name: String, _ inputs: Int, _ tensor: @escaping @Sendable (TensorFlowNode) throws -> Tensor) {
    self.init(name, inputs...inputs) { [ImportedValue(try tensor($0))] }
  }

  /// A function of each element.
  static func unary(
    _ name: String, _ function: UnaryOperator.Function, _ first: Double = 0, _ second: Double = 0
  ) -> TensorFlowOperator {
    elementwise(name) { try $0.unary(function, $1, first, second) }
  }

  /// A function of each element, made of several.
  static func elementwise(
    _ name: String, _ function: @escaping @Sendable (TensorFlowNode, Tensor) throws -> Tensor
  ) -> TensorFlowOperator {
    TensorFlowOperator(name, 1...1) { node in
      // An image stays with its channels second, and is turned around only for who needs it so.
      if let image = node.inputs[0].channelsSecond { return [try node.channelsLast(try function(node, image))] }
      return [ImportedValue(try function(node, node.tensor(0)))]
    }
  }

  /// A function of two elements.
  static func binary(_ name: String, _ function: BinaryOperator.Function) -> TensorFlowOperator {
    broadcasting(name) { try $0.binary(function, $1, $2) }
  }

  /// A function of two elements, made of several.
  static func broadcasting(
    _ name: String, _ function: @escaping @Sendable (TensorFlowNode, Tensor, Tensor) throws -> Tensor
  ) -> TensorFlowOperator {
    TensorFlowOperator(name, 2...2) { node in
      if let (a, b) = try node.imagePair() { return [try node.channelsLast(try function(node, a, b))] }
      return [ImportedValue(try function(node, node.tensor(0), node.tensor(1)))]
    }
  }

  /// All operators by name.
  static let table: [String: TensorFlowOperator] = {
    let rows =
      passing + elementwise + binary + products + images + reductions + shapes + slices + joins + indexing + lists
      + arrays
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
  }()

  /// The names of all operators that can be taken over, in order.
  static var names: [String] { table.keys.sorted() }

  /// Operators whose output is their first input.
  static let passing: [TensorFlowOperator] =
    [
      "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "PlaceholderWithDefault",
      "EnsureShape",
      "ReadVariableOp", "DeepCopy", "LoopCond", "OptimizationBarrier", "Enter", "RefEnter", "Exit", "RefExit",
      "NextIteration", "RefNextIteration",
    ].map { name in TensorFlowOperator(name, 1...1) { [$0.inputs[0]] } } + [
      TensorFlowOperator("IdentityN", 1...Int.max) { $0.inputs }
    ]
}
