import DeepSeekGraph
import DeepSeekTensor

/// Notes a graph in TensorFlow's operations.
final class TensorFlowEmitter: EngineEmitter {
  typealias Value = TensorFlowOutput
  typealias Attribute = TensorFlowAttribute

  private let target: any TensorFlowTarget
  private var count = 0
  private var lists: [[Int]: Value] = [:]

  init(_ target: any TensorFlowTarget) { self.target = target }

  /// Adds an operation; returns its outputs.
  ///
  /// - Parameters:
  ///   - list: Inputs that are lists of tensors; they come before the others.
  ///   - name: The operation's name, which no other has; one is made up when left out.
  func operation(
    _ type: String, _ inputs: [Value] = [], list: [Value] = [], outputs: Int = 1,
    attributes: [(String, Attribute)] = [], name: String? = nil
  ) throws -> [Value] {
    let number = count
    count += 1
    try target.add(
      TensorFlowOperation(
        type: type, name: name ?? "\(type)_\(count)", list: list, inputs: inputs,
        attributes: attributes.map { (name: $0.0, value: $0.1) }))
    return (0..<outputs).map { Value(operation: number, index: $0) }
  }

  /// Adds an operation of one output.
  func one(_ type: String, _ inputs: Value..., attributes: [(String, Attribute)] = []) throws -> Value {
    try operation(type, inputs, attributes: attributes)[0]
  }

  /// A tensor that is the same in every run.
  func constant(_ tensor: Tensor) throws -> Value {
    try operation("Const", attributes: [("dtype", .type(tensor.dtype)), ("value", .tensor(tensor))])[0]
  }

  /// A number as a tensor of an element type.
  func scalar(_ value: Double, _ dtype: DType) throws -> Value { try constant(Tensor.full([], value, dtype: dtype)) }

  /// A list of numbers, `int64`: axes, lengths. Each is noted once.
  func list(_ numbers: [Int]) throws -> Value {
    if let known = lists[numbers] { return known }
    let made = try constant(Tensor([numbers.count], numbers.map { Int64($0) }))
    lists[numbers] = made
    return made
  }

  /// A number that an operation takes as a scalar `int32`.
  func number(_ number: Int) throws -> Value { try constant(Tensor([], [Int32(number)])) }

  /// A tensor that each run is fed.
  func placeholder(_ spec: TensorSpec, name: String? = nil) throws -> Value {
    try operation(
      "Placeholder", attributes: [("dtype", .type(spec.dtype)), ("shape", .shape(Array(spec.shape)))], name: name)[0]
  }

  /// The same elements under another shape.
  func reshaped(_ x: Value, _ lengths: [Int]) throws -> Value { try one("Reshape", x, list(lengths)) }

  /// Axes in another order.
  func transposed(_ x: Value, _ permutation: [Int]) throws -> Value {
    permutation == Array(permutation.indices) ? x : try one("Transpose", x, list(permutation))
  }

  /// Two axes exchanged.
  func swapped(_ x: Value, rank: Int, _ first: Int, _ second: Int) throws -> Value {
    var order = Array(0..<rank)
    order.swapAt(first, second)
    return try transposed(x, order)
  }

  /// Notes the nodes of a lowered graph, whose inputs and constants are in `values`, and what they give.
  func nodes(of lowered: Graph, _ values: inout [Graph.Value: Value]) throws {
    for node in lowered.nodes {
      guard let rule = TensorFlowEmitter.table.rule(for: node.operation) else {
        throw EngineError.unsupportedOperators(engine: "tensorflow", [node.operation.name: 1])
      }
      let known = EngineNode(
        operation: node.operation, inputs: node.inputs.map { lowered.spec($0) },
        outputs: node.outputs.map { lowered.spec($0) })
      let results: [Value]
      do {
        results = try rule.emit(self, known, node.inputs.map { values[$0]! })
      } catch EngineError.execution(let engine, let operation, let message) {
        throw EngineError.execution(
          engine: engine, operation: "\(node.operation.name) (\(operation))", message)
      }
      for (value, result) in zip(node.outputs, results) { values[value] = result }
    }
  }
}
