public import DeepSeekTensor

/// A pure function of tensors, as data: nodes in an order in which they can run, what they are fed and what they give.
///
/// State is named: a variable is an input that the graph reads and, when it has an ``Variable/update``, an output that
/// replaces it after a run. A value, whose copies are cheap; passes are functions from graph to graph. Made by
/// ``capture(_:naming:_:)-(_,_,([Tensor])->Tensor)`` or a ``GraphBuilder``; checked by ``verify()``.
public struct Graph: Sendable {
  /// One tensor of a graph: an input, a constant, a variable, or an output of a node.
  public struct Value: Sendable, Hashable, Comparable, Codable {
    /// Its place in ``Graph/specs``.
    public let index: Int

    /// The value at a place in ``Graph/specs``.
    public init(_ index: Int) { self.index = index }

    /// Earlier places first.
    public static func < (left: Value, right: Value) -> Bool { left.index < right.index }

    /// Reads the bare number.
    public init(from decoder: any Decoder) throws { index = try decoder.singleValueContainer().decode(Int.self) }

    /// Writes the bare number.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(index)
    }
  }

  /// An operator applied to values.
  public struct Node: Sendable {
    /// What it does.
    public var operation: any Operator
    /// What it reads.
    public var inputs: [Value]
    /// What it defines.
    public var outputs: [Value]
    /// What whoever built the graph calls it: `tower_0/dense/linear`. `nil` for one that nobody named.
    public var name: String?
    /// Where whoever built the graph placed it by hand; `nil` where nobody did.
    public var device: Device?

    /// `operation` applied to `inputs`, defining `outputs`.
    public init(
      _ operation: any Operator, _ inputs: [Value], outputs: [Value], name: String? = nil, device: Device? = nil
    ) {
      self.operation = operation
      self.inputs = inputs
      self.outputs = outputs
      self.name = name
      self.device = device
    }

    /// A node that takes the place of another: its outputs, name and device.
    public init(_ operation: any Operator, _ inputs: [Value], replacing other: Node) {
      self.init(operation, inputs, outputs: other.outputs, name: other.name, device: other.device)
    }

    /// The operator's name, and the node's own behind it when it has one: `softmax 'attention/softmax'`.
    public var label: String { operation.name + (name.map { " '\($0)'" } ?? "") }
  }

  /// A value under a name: an input to be fed, or an output to be fetched.
  public struct Port: Sendable, Hashable, Codable {
    /// The name, unique among its kind.
    public var name: String
    /// The value.
    public var value: Value

    /// `value` under `name`.
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// A tensor that is the same in every run.
  public struct Constant: Sendable {
    /// The value it defines.
    public var value: Value
    /// The tensor.
    public var tensor: Tensor

    /// `tensor` as `value`.
    public init(_ value: Value, _ tensor: Tensor) {
      self.value = value
      self.tensor = tensor
    }
  }

  /// A piece of state: read at the start of a run, and replaced by ``update`` when it has one.
  public struct Variable: Sendable {
    /// The name, unique among variables.
    public var name: String
    /// The value it defines.
    public var value: Value
    /// Where the state rests between runs.
    public var parameter: Parameter
    /// The value that replaces it in a run that updates variables; `nil` when nothing does.
    public var update: Value?

    /// `parameter` under `name`, read as `value`.
    public init(_ name: String, _ value: Value, _ parameter: Parameter, update: Value? = nil) {
      self.name = name
      self.value = value
      self.parameter = parameter
      self.update = update
    }
  }

  /// Type and shape of each value, by ``Value/index``. Passes may leave entries that nothing defines.
  public var specs: [TensorSpec] = []
  /// What is fed, in order.
  public var inputs: [Port] = []
  /// Random keys, `int64[2]` each. A run draws them in this order from ``RandomGenerator/current``, as the same code run
  /// eagerly does, so a seed repeats a run and two runs differ.
  public var keys: [Value] = []
  /// Tensors that do not change.
  public var constants: [Constant] = []
  /// State.
  public var variables: [Variable] = []
  /// The operators, in an order in which they can run.
  public var nodes: [Node] = []
  /// What can be fetched, in order.
  public var outputs: [Port] = []

  /// A graph without values.
  public init() {}

  /// A new value of this type and shape, for a pass that is about to define it.
  public mutating func makeValue(_ spec: TensorSpec) -> Value {
    specs.append(spec)
    return Value(specs.count - 1)
  }

  /// Type and shape of a value.
  public func spec(_ value: Value) -> TensorSpec { specs[value.index] }

  /// Type and shape of the input of a name; `nil` when there is none.
  public func inputSpec(_ name: String) -> TensorSpec? {
    inputs.first { $0.name == name }.map { spec($0.value) }
  }

  /// Type and shape of the output of a name; `nil` when there is none.
  public func outputSpec(_ name: String) -> TensorSpec? {
    outputs.first { $0.name == name }.map { spec($0.value) }
  }

  /// The values that a run must keep until its end: outputs and updates.
  public var results: [Value] { outputs.map(\.value) + variables.compactMap(\.update) }

  /// The same function with its state in new parameters that hold copies of the present values: what one does to its
  /// variables, the other does not see.
  public func withOwnVariables() -> Graph {
    var copy = self
    for index in variables.indices {
      let original = variables[index].parameter
      copy.variables[index].parameter = Parameter(original.value, isTrainable: original.isTrainable)
    }
    return copy
  }
}

extension Operator {
  /// Whether another operator is of the same type with equal attributes.
  func isEqual(to other: any Operator) -> Bool { AnyHashable(self) == AnyHashable(other) }
}
