import CDeepSeekEngines
import DeepSeekTensor

/// Builds a graph of TensorFlow's operations.
final class TensorFlowEmitter: EngineEmitter {
  typealias Value = dse_tf_output

  /// An attribute of an operation.
  enum Attribute {
    case type(DType)
    case integer(Int)
    case integers([Int])
    case bool(Bool)
    case string(String)
    case shape([Int])
    case tensor(Tensor)
  }

  let library: TensorFlowLibrary
  private let graph: OpaquePointer
  private var count = 0
  private var lists: [[Int]: Value] = [:]

  init(_ library: TensorFlowLibrary, _ graph: OpaquePointer) {
    self.library = library
    self.graph = graph
  }

  /// Adds an operation; returns its outputs.
  ///
  /// - Parameter lists: Inputs that are lists of tensors; they come before the others.
  func operation(
    _ type: String, _ inputs: [Value] = [], list: [Value]? = nil, outputs: Int = 1,
    attributes: [(String, Attribute)] = []
  ) throws -> [Value] {
    count += 1
    guard let description = library.newOperation(graph, type, "\(type)_\(count)") else {
      throw library.failure(type, "TensorFlow has no memory for it")
    }
    if let list { library.addInputList(description, list, Int32(list.count)) }
    for input in inputs { library.addInput(description, input) }
    // An operation that was begun must be finished, which also frees it.
    var failed: (any Error)?
    for (name, attribute) in attributes {
      do { try set(name, attribute, description, type) } catch { failed = error }
    }
    let made = try library.checking(type) { library.finishOperation(description, $0) }
    if let failed { throw failed }
    return (0..<outputs).map { dse_tf_output(operation: made, index: Int32($0)) }
  }

  /// Adds an operation of one output.
  func one(_ type: String, _ inputs: Value..., attributes: [(String, Attribute)] = []) throws -> Value {
    try operation(type, inputs, attributes: attributes)[0]
  }

  private func set(_ name: String, _ attribute: Attribute, _ description: OpaquePointer, _ type: String) throws {
    switch attribute {
    case .type(let dtype): library.setType(description, name, TensorFlowLibrary.code(dtype))
    case .integer(let number): library.setInteger(description, name, Int64(number))
    case .integers(let numbers): library.setIntegers(description, name, numbers.map { Int64($0) }, Int32(numbers.count))
    case .bool(let flag): library.setBool(description, name, flag ? 1 : 0)
    case .string(let text): library.setString(description, name, text, text.utf8.count)
    case .shape(let lengths): library.setShape(description, name, lengths.map { Int64($0) }, Int32(lengths.count))
    case .tensor(let tensor):
      let given = try library.tensor(tensor)
      defer { library.deleteTensor(given) }
      try library.checking(type) { library.setTensor(description, name, given, $0) }
    }
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
  func placeholder(_ spec: TensorSpec) throws -> Value {
    try operation("Placeholder", attributes: [("dtype", .type(spec.dtype)), ("shape", .shape(Array(spec.shape)))])[0]
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
}
