import DeepSeekCheckpoints

/// What a conversion will write, and what becomes of every tensor of the source; made without reading an element.
struct ConversionPlan: Sendable {
  /// What is said of it.
  var report: ConversionReport
  /// The tensors, in the order in which the source has them.
  let tensors: [PlannedTensor]

  /// Plans a conversion.
  ///
  /// - Parameter layerCount: How many layers the model's configuration speaks of; found out from the names without one.
  /// - Throws: ``ConversionError``, which lists every tensor that stands in the way.
  init(_ archive: any TensorArchive, _ options: ConversionOptions, output: String, layerCount: Int? = nil) throws {
    var planner = Planner(archive, options, output: output)
    try planner.chooseRules(layerCount: layerCount)
    planner.matchNames()
    planner.plan()
    try planner.finish()
    report = planner.report
    tensors = planner.planned
  }
}
