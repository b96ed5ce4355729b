import DeepSeekTensor

/// One run of a plan.
struct PlanRun {
  private let plan: ExecutionPlan
  private let graph: Graph
  private(set) var frame: Frame
  private var slots: [Tensor]

  init(_ plan: ExecutionPlan, _ graph: Graph, _ frame: Frame) {
    self.plan = plan
    self.graph = graph
    self.frame = frame
    slots = Array(repeating: Frame.standIn, count: plan.slotCount)
  }

  /// Runs every step, and returns the outputs; variables take their updates.
  mutating func results(_ feeds: [Tensor?]) throws -> [Tensor] {
    try fillSlots(feeds)
    var index = 0
    do {
      while index < plan.steps.count {
        try run(plan.steps[index], index)
        index += 1
      }
    } catch {
      let step = plan.steps[index]
      throw GraphError.execution(step.node, operation: step.operation.name, error)
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

  @inline(__always)
  private mutating func run(_ step: ExecutionPlan.Step, _ index: Int) throws {
    switch step.action {
    case .fixed: try step.operation.evaluate(frame.inputs[index], into: frame.outputs[index])
    case .patched(let inputs, let outputs):
      for (operand, slot) in inputs { frame.inputs[index][operand] = slots[slot] }
      for (operand, slot) in outputs { frame.outputs[index][operand] = slots[slot] }
      defer { forget(index, inputs, outputs) }
      try step.operation.evaluate(frame.inputs[index], into: frame.outputs[index])
    case .view(let slot, let root, let layout): slots[slot] = view(slots[root], layout)
    case .donated(let variable, let operands, let inputs, let forgotten):
      for (operand, slot) in inputs { frame.inputs[index][operand] = slots[slot] }
      defer { forget(index, inputs, []) }
      try donate(step, index, graph.variables[variable].parameter, operands, forgotten)
    }
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

  /// Writes a variable's update over the variable, unless somebody else still holds what it was.
  private mutating func donate(
    _ step: ExecutionPlan.Step, _ index: Int, _ parameter: Parameter, _ operands: [Int], _ forgotten: [Int]
  ) throws {
    // What this run read of the variable; dropped, so that the variable alone holds its memory, if it still holds that.
    var old: Tensor? = slots[forgotten[0]]
    for slot in forgotten { slots[slot] = Frame.standIn }
    var inputs = frame.inputs[index]
    try parameter.update { stored in
      if old?.storage === stored.storage { old = nil }
      let isOwned = old == nil && stored.ownsStorage()
      let target = isOwned ? stored : Tensor(uninitialized: stored.dtype, stored.shape)
      for operand in operands { inputs[operand] = old ?? stored }
      try step.operation.evaluate(inputs, into: [target])
      target.storage.prepared.removeAll()
      stored = target
    }
  }
}
