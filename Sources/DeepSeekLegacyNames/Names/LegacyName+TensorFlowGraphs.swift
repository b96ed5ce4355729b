extension LegacyName {
  /// TensorFlow 1's graphs, sessions, variables and scopes.
  static let tensorFlowGraphs: [LegacyName] = [
    LegacyName("tf.Tensor", "Tensor", line: "1.x", .exact, .rename),
    LegacyName("tf.Graph", "StaticGraph", line: "1.x", .exact, .rename),
    LegacyName("tf.Operation", "StaticOperation", line: "1.x", .exact, .rename),
    LegacyName("tf.get_default_graph", "StaticGraph.current", line: "1.x", .exact, .byHand, note: "A property."),
    LegacyName("tf.reset_default_graph", "StaticGraph.resetDefault", line: "1.x", .exact, .rename),
    LegacyName("graph.as_default", "graph.asDefault", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.placeholder", "ds.placeholder", line: "1.x", .adapted, .byHand,
      note: "The name first, the type last: ds.placeholder(\"x\", [nil, 64], dtype: .float32)."),
    LegacyName(
      "tf.Variable", "ds.variable", line: "1.x", .adapted, .byHand,
      note: "ds.variable(\"w\", initial); as an operand it is written variable.tensor."),
    LegacyName(
      "tf.get_variable", "ds.variable", line: "1.x", .adapted, .byHand,
      note: "ds.variable(\"w\", Initializer.xavierUniform()([64, 10])). A name that is taken gets a number."),
    LegacyName(
      "tf.global_variables_initializer", "ds.variable", line: "1.x", .different, .byHand,
      note: "Variables have their first value from the start. The old name puts back the values of when it was called."),
    LegacyName(
      "tf.initialize_all_variables", "ds.variable", line: "1.x", .different, .byHand,
      note: "As tf.global_variables_initializer."),
    LegacyName("tf.global_variables", "StaticGraph.allVariables", line: "1.x", .exact, .byHand, note: "A property."),
    LegacyName(
      "tf.trainable_variables", "StaticGraph.trainableVariables", line: "1.x", .exact, .byHand, note: "A property."),
    LegacyName(
      "tf.assign", "StaticVariable.assign", line: "1.x", .exact, .method([:])),
    LegacyName("tf.assign_add", "StaticVariable.assignAdd", line: "1.x", .exact, .method([:])),
    LegacyName("tf.assign_sub", "StaticVariable.assignSub", line: "1.x", .exact, .method([:])),
    LegacyName("tf.Session", "Session", line: "1.x", .exact, .relabel(["graph": ""])),
    LegacyName(
      "session.run", "session.run", line: "1.x", .adapted, .relabel(["feed_dict": "feeds"]),
      note: "Operations are given apart: session.run([loss], updating: [train], feeds: [x: images])."),
    LegacyName(
      "session.close", "Session", line: "1.x", .exact, .byHand, note: "A session holds nothing that must be closed."),
    LegacyName(
      "tf.device", "ds.device", line: "1.x", .adapted, .byHand,
      note: "Devices are cpu:0, cpu:1, …: \"cpu:0\" for \"/cpu:0\", which the old name reads."),
    LegacyName("tf.name_scope", "ds.nameScope", line: "1.x", .exact, .rename),
    LegacyName(
      "tf.variable_scope", "ds.nameScope", line: "1.x", .different, .rename,
      note: "Scopes name variables; there is no reuse: keep the variable, or call the layer twice."),
    LegacyName(
      "tf.control_dependencies", "StaticGraph.controlDependencies", line: "1.x", .exact, .byHand,
      note: "A method of the graph: StaticGraph.current.controlDependencies([…]) { … }."),
    LegacyName(
      "tf.group", "StaticOperation.group", line: "1.x", .adapted, .byHand, note: "Operations in an array."),
    LegacyName("tf.no_op", "StaticGraph.group", line: "1.x", .exact, .byHand, note: "StaticGraph.current.group([])."),
    LegacyName(
      "tf.gradients", "StaticGraph.gradients(of:withRespectTo:)", line: "1.x", .exact, .byHand,
      note: "StaticGraph.current.gradients(of: loss, withRespectTo: [x])."),
    LegacyName(
      "tf.set_random_seed", "RandomGenerator.withSeed", line: "1.x", .different, .byHand,
      note: "Seeds hold inside a block: RandomGenerator.withSeed(1) { … }. The numbers are not TensorFlow's.",
      hasAlias: false),
    LegacyName(
      "tf.app.flags", "ArgumentParser", line: "1.x", .different, .byHand,
      note: "Apple's swift-argument-parser: a ParsableCommand with @Option and @Flag.", hasAlias: false),
  ]
}
