// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekDynamic
public import DeepSeekStatic
public import DeepSeekTensor

extension tf {
  /// A tensor.
  @available(*, deprecated, message: "use Tensor")
  public typealias Tensor = DeepSeekTensor.Tensor
  /// A graph that is declared first and run afterwards.
  @available(*, deprecated, message: "use StaticGraph")
  public typealias Graph = StaticGraph
  /// Something that a run does beside computing tensors.
  @available(*, deprecated, message: "use StaticOperation")
  public typealias Operation = StaticOperation
  /// State of a graph.
  @available(*, deprecated, message: "use ds.variable(name, initial); as an operand write variable.tensor")
  public typealias Variable = StaticVariable
  /// Runs parts of a graph.
  @available(*, deprecated, message: "use Session")
  public typealias Session = DeepSeekStatic.Session

  /// The graph that is being built.
  @available(*, deprecated, message: "use StaticGraph.current")
  public static func getDefaultGraph() -> StaticGraph { .current }

  /// Puts an empty graph in place of the process's own.
  @available(*, deprecated, renamed: "StaticGraph.resetDefault")
  public static func resetDefaultGraph() { StaticGraph.resetDefault() }

  /// A tensor to be fed in each run; without a shape a scalar, where TensorFlow leaves the shape open.
  @available(*, deprecated, message: "use ds.placeholder(name, shape, dtype:)")
  public static func placeholder(
    _ dtype: DType, _ shape: [Dimension?] = [], name: String = "Placeholder"
  ) -> DeepSeekTensor.Tensor {
    StaticGraph.current.placeholder(name, shape, dtype: dtype)
  }

  /// A tensor to be fed in each run.
  @available(*, deprecated, message: "use ds.placeholder(name, shape, dtype:)")
  public static func placeholder(
    _ dtype: DType, shape: [Dimension?], name: String = "Placeholder"
  ) -> DeepSeekTensor.Tensor {
    StaticGraph.current.placeholder(name, shape, dtype: dtype)
  }

  /// A variable of this shape with first values by an initializer, Glorot's uniform ones when none is given.
  @available(*, deprecated, message: "use ds.variable(name, initializer(shape))")
  public static func getVariable(
    _ name: String, _ shape: [Int], dtype: DType = .float32, initializer: Initializer = .xavierUniform(),
    trainable: Bool = true
  ) -> StaticVariable {
    let initial = RandomGenerator.outsideCapture { initializer(Shape(shape), dtype: dtype) }
    return StaticGraph.current.variable(name, initial, isTrainable: trainable)
  }

  /// An operation that puts back the values that the graph's variables have now: none needs it to have a first value.
  @available(*, deprecated, message: "variables have their first value from the start")
  public static func globalVariablesInitializer() -> StaticOperation {
    let graph = StaticGraph.current
    let values = RandomGenerator.outsideCapture { graph.allVariables.map { ($0, $0.value) } }
    return graph.group(values.map { $0.assign($1) }, name: "init")
  }

  /// As `globalVariablesInitializer`.
  @available(*, deprecated, message: "variables have their first value from the start")
  public static func initializeAllVariables() -> StaticOperation { globalVariablesInitializer() }

  /// All state of the graph.
  @available(*, deprecated, message: "use StaticGraph.allVariables")
  public static func globalVariables() -> [StaticVariable] { StaticGraph.current.allVariables }

  /// The state that optimizers move.
  @available(*, deprecated, message: "use StaticGraph.trainableVariables")
  public static func trainableVariables() -> [StaticVariable] { StaticGraph.current.trainableVariables }

  /// An operation that sets a variable.
  @available(*, deprecated, renamed: "StaticVariable.assign(self:_:)")
  public static func assign(_ variable: StaticVariable, _ value: some GraphOperand) -> StaticOperation {
    variable.assign(value.tensor(variable.parameter.spec.dtype))
  }

  /// An operation that adds to a variable.
  @available(*, deprecated, renamed: "StaticVariable.assignAdd(self:_:)")
  public static func assignAdd(_ variable: StaticVariable, _ value: some GraphOperand) -> StaticOperation {
    variable.assignAdd(value.tensor(variable.parameter.spec.dtype))
  }

  /// An operation that subtracts from a variable.
  @available(*, deprecated, renamed: "StaticVariable.assignSub(self:_:)")
  public static func assignSub(_ variable: StaticVariable, _ value: some GraphOperand) -> StaticOperation {
    variable.assignSub(value.tensor(variable.parameter.spec.dtype))
  }

  /// Several operations as one.
  @available(*, deprecated, message: "use StaticGraph.current.group([a, b])")
  public static func group(_ operations: StaticOperation...) -> StaticOperation {
    StaticGraph.current.group(operations)
  }

  /// An operation that does nothing.
  @available(*, deprecated, message: "use StaticGraph.current.group([])")
  public static func noOp() -> StaticOperation { StaticGraph.current.group([], name: "no_op") }

  /// The gradients of a tensor with respect to others; `nil` where none flows.
  @available(*, deprecated, message: "use StaticGraph.current.gradients(of:withRespectTo:)")
  public static func gradients(_ result: DeepSeekTensor.Tensor, _ tensors: [any GraphOperand]) -> [DeepSeekTensor
    .Tensor?]
  {
    let graph = StaticGraph.graph(of: result) ?? .current
    return graph.gradients(of: result, withRespectTo: tensors.map(\.tensorOperand))
  }

  /// Runs `body` with its nodes placed by hand on a device: `/cpu:0` or `/device:CPU:1`.
  @available(*, deprecated, renamed: "ds.device")
  public static func device<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.device(DeviceName.current(name), body)
  }

  /// Runs `body` with what it makes named under `name`.
  @available(*, deprecated, renamed: "ds.nameScope")
  public static func nameScope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.nameScope(name, body)
  }

  /// Runs `body` with what it makes named under `name`; variables are not shared by it.
  @available(*, deprecated, renamed: "ds.nameScope")
  public static func variableScope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try StaticGraph.current.nameScope(name, body)
  }

  /// Runs `body` so that what it makes comes after `operations`.
  @available(*, deprecated, message: "use StaticGraph.current.controlDependencies(operations) { … }")
  public static func controlDependencies<Result>(
    _ operations: [StaticOperation], _ body: () throws -> Result
  ) rethrows -> Result {
    try StaticGraph.current.controlDependencies(operations, body)
  }
}

extension StaticGraph {
  /// Runs `body` with this graph as the one that is built.
  @available(*, deprecated, renamed: "asDefault")
  public func as_default<Result>(_ body: () throws -> Result) rethrows -> Result { try asDefault(body) }
}
