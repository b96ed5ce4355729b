import DeepSeekOperators
import DeepSeekTensor

/// One row of the table of ONNX's operators: how it is said with ours.
struct ONNXOperator: Sendable {
  /// The name in a model; that of an operator outside the default domain has the domain before it, `domain.Name`.
  let name: String
  /// How many inputs it may have.
  let inputs: ClosedRange<Int>
  /// Its outputs.
  let build: @Sendable (ONNXNode) throws -> [ImportedValue]

  /// An operator of several outputs.
  init(
    _ name: String, _ inputs: ClosedRange<Int>, values: @escaping @Sendable (ONNXNode) throws -> [ImportedValue]
  ) {
    self.name = name
    self.inputs = inputs
    build = values
  }

  /// An operator of one output.
  init(
    _ name: String, _ inputs: ClosedRange<Int>, tensor: @escaping @Sendable (ONNXNode) throws -> Tensor
  ) {
    self.init(name, inputs, values: { [ImportedValue(try tensor($0))] })
  }

  /// A function of each element.
  static func unary(
    _ name: String, _ function: UnaryOperator.Function, _ first: Double = 0, _ second: Double = 0
  ) -> ONNXOperator {
    elementwise(name) { try $0.unary(function, $1, first, second) }
  }

  /// A function of each element, made of several.
  static func elementwise(
    _ name: String, _ function: @escaping @Sendable (ONNXNode, Tensor) throws -> Tensor
  ) -> ONNXOperator {
    ONNXOperator(name, 1...1, tensor: { try function($0, $0.tensor(0)) })
  }

  /// A function of two elements.
  static func binary(_ name: String, _ function: BinaryOperator.Function) -> ONNXOperator {
    broadcasting(name) { try $0.arithmetic(function, $1, $2) }
  }

  /// A function of two elements, made of several.
  static func broadcasting(
    _ name: String, _ function: @escaping @Sendable (ONNXNode, Tensor, Tensor) throws -> Tensor
  ) -> ONNXOperator {
    ONNXOperator(name, 2...2, tensor: { try function($0, $0.tensor(0), $0.aligned($0.tensor(1), with: $0.tensor(0))) })
  }

  /// All operators by name, save those that hold graphs; see `ONNXScope`.
  static let table: [String: ONNXOperator] = {
    let rows =
      elementwise + activations + binary + reductions + shapes + slices + joins + indexing + products + quantized
      + images + resizing + sampling + normalizations + recurrent + losses + signals + constants + updates
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
  }()

  /// The operators that hold graphs.
  static let control: Set = ["If", "Loop", "Scan"]

  /// The names of all operators that can be taken over, in order.
  static var names: [String] { (Array(table.keys) + control).sorted() }
}

extension ONNXNode {
  /// The second of two tensors with the axes that versions before 7 name by `axis` where they say `broadcast`.
  func aligned(_ b: Tensor, with a: Tensor) throws -> Tensor {
    guard version < 7, try bool("broadcast"), attributes["axis"] != nil, b.rank > 0 else { return b }
    let first = try axis(int("axis"), rank: a.rank)
    let trailing = a.rank - first - b.rank
    guard trailing > 0 else { return b }
    return try reshaped(b, b.shape.dimensions + Array(repeating: 1, count: trailing))
  }
}
