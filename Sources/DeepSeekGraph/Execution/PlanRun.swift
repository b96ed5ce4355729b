import DeepSeekTensor

/// One run of a plan.
struct PlanRun {
  private let plan: ExecutionPlan
  private let graph: Graph
  private(set) var frame: Frame
  private var slots: [Tensor]
  /// Values with a NaN or an infinity that came from outside, or from an operator that was given one; `nil` unless
  /// operators are checked.
  private var strange: Set<Graph.Value>?
  /// When steps ran; `nil` unless somebody wants to know.
  var clock: StepClock?

  init(_ plan: ExecutionPlan, _ graph: Graph, _ frame: Frame) {
    self.plan = plan
    self.graph = graph
    self.frame = frame
    slots = Array(repeating: Frame.standIn, count: plan.slotCount)
    strange = isDetectingAnomalies ? [] : nil
  }

  /// Runs every step, and returns the outputs; variables take their updates.
  mutating func results(_ feeds: [Tensor?]) throws -> [Tensor] {
    try fillSlots(feeds)
    if strange != nil { noteStrangeSources(feeds) }
    var index = 0
    do {
      while index < plan.steps.count {
        if clock == nil { try run(plan.steps[index], index) } else { try timed(plan.steps[index], index) }
        index += 1
      }
    } catch {
      let step = plan.steps[index]
      throw GraphError.execution(step.node, operation: graph.nodes[step.node].label, error)
    }
    // All are read before any is set, so that two variables can trade places.
    let updates = plan.updates.map { tensor($0.result).contiguous() }
    let outputs = plan.fetched.map { tensor($0) }
    for (update, value) in zip(plan.updates, updates) { graph.variables[update.variable].parameter.value = value }
    return outputs
  }

  private mutating func fillSlots(_ feeds: [Tensor?]) throws {
    for source in plan.inputs { slots[source.slot] = PlanRun.plain(feeds[source.index]!) }
    if !graph.keys.isEmpty {
      // Every key is drawn, needed or not: the stream goes on as it does when the same code runs eagerly.
      let generator = RandomGenerator.current
      let drawn = graph.keys.map { _ in generator.nextKey() }
      for source in plan.keys { slots[source.slot] = drawn[source.index] }
    }
    for source in plan.variables {
      let variable = graph.variables[source.index]
      let tensor = variable.parameter.value
      guard tensor.spec == source.spec else {
        throw GraphError.invalidGraph("variable '\(variable.name)' holds a \(tensor.spec), \(source.spec) is expected")
      }
      slots[source.slot] = PlanRun.plain(tensor)
    }
    for (slot, spec) in plan.fresh { slots[slot] = Tensor(uninitialized: spec.dtype, spec.shape) }
  }

  /// In row-major order and without the memory of how it was computed.
  private static func plain(_ tensor: Tensor) -> Tensor {
    let source = tensor.isContiguous ? tensor : tensor.contiguous()
    return source.tracksGradient ? source.detached() : source
  }

  private func tensor(_ result: ExecutionPlan.Result) -> Tensor {
    switch result {
    case .slot(let slot): return slots[slot]
    case .constant(let place):
      guard case .constant(let index) = place.root else { fatalError("a result lies in the arena of its run") }
      return plan.constants[index].viewed(place.layout)
    }
  }

  private mutating func timed(_ step: ExecutionPlan.Step, _ index: Int) throws {
    if case .view = step.action { return try run(step, index) }
    var clock = clock!
    try clock.measure(index) { try run(step, index) }
    self.clock = clock
  }

  @inline(__always)
  private mutating func run(_ step: ExecutionPlan.Step, _ index: Int) throws {
    switch step.action {
    case .fixed:
      try step.operation.evaluate(frame.inputs[index], into: frame.outputs[index])
      if strange != nil { try check(step, frame.outputs[index]) }
    case .patched(let inputs, let outputs):
      for (operand, slot) in inputs { frame.inputs[index][operand] = slots[slot] }
      for (operand, slot) in outputs { frame.outputs[index][operand] = slots[slot] }
      defer { forget(index, inputs, outputs) }
      try step.operation.evaluate(frame.inputs[index], into: frame.outputs[index])
      if strange != nil { try check(step, frame.outputs[index]) }
    case .view(let slot, let root, let layout): slots[slot] = view(slots[root], layout)
    case .donated(let donations, let inputs, let outputs):
      for (operand, slot) in inputs { frame.inputs[index][operand] = slots[slot] }
      for (operand, slot) in outputs { frame.outputs[index][operand] = slots[slot] }
      defer { forget(index, inputs, outputs) }
      try donate(step, index, donations)
      if strange != nil { try check(step, donations.map { graph.variables[$0.variable].parameter.value }) }
    }
  }

  /// Notes which of the tensors that a run takes from outside are not finite: what operators make of those is no fault of
  /// theirs.
  private mutating func noteStrangeSources(_ feeds: [Tensor?]) {
    for source in plan.inputs {
      if let feed = feeds[source.index], !feed.isAllFinite { strange!.insert(graph.inputs[source.index].value) }
    }
    for source in plan.variables where !graph.variables[source.index].parameter.value.isAllFinite {
      strange!.insert(graph.variables[source.index].value)
    }
  }

  /// Reports the operator where a NaN or an infinity first arose. Views move nothing, so they need no look; but a value
  /// that is one passes on where it came from.
  private mutating func check(_ step: ExecutionPlan.Step, _ outputs: [Tensor]) throws {
    guard let index = outputs.firstIndex(where: { !$0.isAllFinite }) else { return }
    let node = graph.nodes[step.node]
    guard node.inputs.contains(where: isStrange) else {
      throw OperatorError(
        step.operation.name,
        "output \(index), \(outputs[index].spec), has a NaN or an infinity, and no input has one")
    }
    for output in node.outputs { strange!.insert(output) }
  }

  /// Whether a value is not finite, or a view of one that is not.
  private func isStrange(_ value: Graph.Value) -> Bool {
    if strange!.contains(value) { return true }
    if let constant = graph.constants.first(where: { $0.value == value }) { return !constant.tensor.isAllFinite }
    guard let node = graph.nodes.first(where: { $0.outputs.contains(value) }), node.operation.traits.contains(.view)
    else { return false }
    return node.inputs.contains(where: isStrange)
  }

  /// Idle frames must not keep what was fed, nor results, alive.
  private mutating func forget(
    _ index: Int, _ inputs: [(operand: Int, slot: Int)], _ outputs: [(operand: Int, slot: Int)]
  ) {
    for (operand, _) in inputs { frame.inputs[index][operand] = Frame.standIn }
    for (operand, _) in outputs { frame.outputs[index][operand] = Frame.standIn }
  }

  private func view(_ root: Tensor, _ layout: Layout) -> Tensor {
    if root.layout.offset == 0 { return root.viewed(layout) }
    return root.viewed(
      Layout(layout.shape, strides: layout.strides, offset: layout.offset + root.layout.offset))
  }

  /// Writes updates over their variables, unless somebody else still holds what one was.
  private mutating func donate(
    _ step: ExecutionPlan.Step, _ index: Int, _ donations: [ExecutionPlan.Donation]
  ) throws {
    // What this run read of the variables; dropped, so that each variable alone holds its memory, if it still holds that.
    var old = donations.map { $0.slots.first.map { slots[$0] } }
    for slot in donations.flatMap(\.slots) { slots[slot] = Frame.standIn }
    var inputs = frame.inputs[index]
    var outputs = frame.outputs[index]
    defer { for donation in donations { slots[donation.update] = outputs[donation.output] } }
    try Parameter.update(donations.map { graph.variables[$0.variable].parameter }) { stored in
      for (number, donation) in donations.enumerated() {
        guard stored[number].spec == donation.spec else {
          throw GraphError.invalidGraph(
            "variable '\(graph.variables[donation.variable].name)' holds a \(stored[number].spec), "
              + "\(donation.spec) is expected")
        }
        if old[number]?.storage === stored[number].storage { old[number] = nil }
        let isOwned = old[number] == nil && stored[number].ownsStorage()
        outputs[donation.output] =
          isOwned ? stored[number] : Tensor(uninitialized: stored[number].dtype, stored[number].shape)
        for operand in donation.operands { inputs[operand] = old[number] ?? stored[number] }
      }
      try step.operation.evaluate(inputs, into: outputs)
      for (number, donation) in donations.enumerated() {
        outputs[donation.output].storage.prepared.removeAll()
        stored[number] = outputs[donation.output]
      }
    }
  }
}
