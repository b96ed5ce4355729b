// swift-format-ignore-file: AlwaysUseLowerCamelCase
public import DeepSeekDynamic
public import DeepSeekStatic
public import DeepSeekTensor

/// Names of several words as Python writes them; each is its camel-case twin.
extension tf {
  /// See `getDefaultGraph`.
  @available(*, deprecated, message: "use StaticGraph.current")
  public static func get_default_graph() -> StaticGraph { .current }

  /// See `resetDefaultGraph`.
  @available(*, deprecated, renamed: "StaticGraph.resetDefault")
  public static func reset_default_graph() { StaticGraph.resetDefault() }

  /// See `getVariable`.
  @available(*, deprecated, message: "use ds.variable(name, initializer(shape))")
  public static func get_variable(
    _ name: String, _ shape: [Int], dtype: DType = .float32, initializer: Initializer = .xavierUniform(),
    trainable: Bool = true
  ) -> StaticVariable {
    getVariable(name, shape, dtype: dtype, initializer: initializer, trainable: trainable)
  }

  /// See `globalVariablesInitializer`.
  @available(*, deprecated, message: "variables have their first value from the start")
  public static func global_variables_initializer() -> StaticOperation { globalVariablesInitializer() }

  /// See `globalVariablesInitializer`.
  @available(*, deprecated, message: "variables have their first value from the start")
  public static func initialize_all_variables() -> StaticOperation { globalVariablesInitializer() }

  /// See `globalVariables`.
  @available(*, deprecated, message: "use StaticGraph.allVariables")
  public static func global_variables() -> [StaticVariable] { globalVariables() }

  /// See `trainableVariables`.
  @available(*, deprecated, message: "use StaticGraph.trainableVariables")
  public static func trainable_variables() -> [StaticVariable] { trainableVariables() }

  /// See `assignAdd`.
  @available(*, deprecated, renamed: "StaticVariable.assignAdd(self:_:)")
  public static func assign_add(_ variable: StaticVariable, _ value: some GraphOperand) -> StaticOperation {
    assignAdd(variable, value)
  }

  /// See `assignSub`.
  @available(*, deprecated, renamed: "StaticVariable.assignSub(self:_:)")
  public static func assign_sub(_ variable: StaticVariable, _ value: some GraphOperand) -> StaticOperation {
    assignSub(variable, value)
  }

  /// See `noOp`.
  @available(*, deprecated, message: "use StaticGraph.current.group([])")
  public static func no_op() -> StaticOperation { noOp() }

  /// See `nameScope`.
  @available(*, deprecated, renamed: "ds.nameScope")
  public static func name_scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try nameScope(name, body)
  }

  /// See `variableScope`.
  @available(*, deprecated, renamed: "ds.nameScope")
  public static func variable_scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try variableScope(name, body)
  }

  /// See `controlDependencies`.
  @available(*, deprecated, message: "use StaticGraph.current.controlDependencies(operations) { … }")
  public static func control_dependencies<Result>(
    _ operations: [StaticOperation], _ body: () throws -> Result
  ) rethrows -> Result {
    try controlDependencies(operations, body)
  }
}

extension tf.train {
  /// See `latestCheckpoint`.
  @available(*, deprecated, message: "use Saver(folder).checkpoints().last")
  public static func latest_checkpoint(_ folder: String) throws -> String? { try latestCheckpoint(folder) }
}

extension tf.summary {
  /// See `mergeAll`.
  @available(*, deprecated, message: "give the summaries to run(_:updating:feeds:summaries:to:step:)")
  public static func merge_all() -> MergedSummaries { mergeAll() }
}
