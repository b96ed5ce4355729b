import DeepSeekTensor

/// The second half of compiling a plan: offsets in the arena, and slots for the tensors that differ from run to run.
struct PlanAssembly {
  private let compiler: PlanCompiler
  private var slots: [Graph.Value: Int] = [:]
  /// The slot of the tensor at the start of each root's memory.
  private var rootSlots: [ExecutionPlan.Root: Int] = [:]
  private(set) var steps: [ExecutionPlan.Step] = []
  private(set) var slotCount = 0
  private(set) var inputs: [ExecutionPlan.Source] = []
  private(set) var keys: [ExecutionPlan.Source] = []
  private(set) var variables: [ExecutionPlan.Source] = []
  private(set) var fresh: [(slot: Int, spec: TensorSpec)] = []
  private(set) var fetched: [ExecutionPlan.Result] = []
  private(set) var updates: [(variable: Int, result: ExecutionPlan.Result)] = []
  let placement: ArenaPlanner.Placement
  let report: MemoryReport

  init(_ compiler: PlanCompiler) {
    self.compiler = compiler
    placement = ArenaPlanner.place(compiler.buffers)
    let freshBytes = compiler.fresh.map { $0.shape.elementCount * $0.dtype.byteCount }
    report = MemoryReport(
      arena: placement.byteCount, withoutReuse: compiler.withoutReuse,
      lowerBound: ArenaPlanner.lowerBound(compiler.buffers), results: freshBytes.reduce(0, +),
      inPlaceCount: compiler.inPlaceCount, donatedCount: compiler.donatedCount)
    assignSources()
    for step in compiler.steps { add(step) }
    collectResults()
  }

  private mutating func newSlot(_ value: Graph.Value) -> Int {
    slots[value] = slotCount
    slotCount += 1
    return slotCount - 1
  }

  private mutating func source(_ index: Int, _ value: Graph.Value) -> ExecutionPlan.Source {
    let place = compiler.place(value)
    let slot = newSlot(value)
    rootSlots[place.root] = slot
    return ExecutionPlan.Source(index: index, slot: slot, spec: TensorSpec(place.dtype, place.layout.shape))
  }

  /// Only what the run reads is asked for.
  private mutating func assignSources() {
    let graph = compiler.graph
    let read = Set(compiler.steps.flatMap(\.inputs) + compiler.results)
    for (index, input) in graph.inputs.enumerated() where read.contains(input.value) {
      inputs.append(source(index, input.value))
    }
    for (index, key) in graph.keys.enumerated() where read.contains(key) { keys.append(source(index, key)) }
    for (index, variable) in graph.variables.enumerated() where read.contains(variable.value) {
      variables.append(source(index, variable.value))
    }
  }

  private mutating func add(_ step: PlanCompiler.Step) {
    steps.append(
      ExecutionPlan.Step(
        node: step.node, operation: step.operation, inputs: step.inputs.map { compiler.place($0) },
        outputs: step.outputs.map { compiler.place($0) }, action: action(step)))
    // A view of fixed memory is part of the frame: nothing is left to do when it runs.
    if step.isView, case .fixed = steps[steps.count - 1].action { steps.removeLast() }
  }

  private mutating func action(_ step: PlanCompiler.Step) -> ExecutionPlan.Action {
    if step.isView { return viewAction(step) }
    let patchedInputs = step.inputs.enumerated().compactMap { operand, value in
      slots[value].map { (operand: operand, slot: $0) }
    }
    var patchedOutputs: [(operand: Int, slot: Int)] = []
    for (operand, output) in step.outputs.enumerated() {
      let place = compiler.place(output)
      guard case .fresh = place.root else { continue }
      let slot = newSlot(output)
      rootSlots[place.root] = slot
      fresh.append((slot, TensorSpec(place.dtype, place.layout.shape)))
      patchedOutputs.append((operand, slot))
    }
    if !step.donations.isEmpty {
      let donations = step.donations.map { donation(step, $0.output, $0.variable) }
      return .donated(
        donations,
        inputs: patchedInputs.filter { input in !donations.contains { $0.operands.contains(input.operand) } },
        outputs: patchedOutputs)
    }
    if patchedInputs.isEmpty && patchedOutputs.isEmpty { return .fixed }
    return .patched(inputs: patchedInputs, outputs: patchedOutputs)
  }

  private mutating func viewAction(_ step: PlanCompiler.Step) -> ExecutionPlan.Action {
    let place = compiler.place(step.outputs[0])
    guard !place.root.isFixed, let root = rootSlots[place.root] else { return .fixed }
    return .view(slot: newSlot(step.outputs[0]), of: root, layout: place.layout)
  }

  private mutating func donation(
    _ step: PlanCompiler.Step, _ output: Int, _ variable: Int
  ) -> ExecutionPlan.Donation {
    let root = ExecutionPlan.Root.variable(variable)
    // The variable itself comes first: its slot is older than those of its views.
    let earlier = slots.filter { compiler.place($0.key).root == root }.map(\.value).sorted()
    // What reads the memory from here on reads the update.
    rootSlots[root] = newSlot(step.outputs[output])
    return ExecutionPlan.Donation(
      variable: variable, output: output, spec: compiler.graph.spec(compiler.graph.variables[variable].value),
      operands: step.inputs.indices.filter { compiler.place(step.inputs[$0]).root == root }, slots: earlier,
      update: slotCount - 1)
  }

  private mutating func collectResults() {
    let graph = compiler.graph
    fetched = compiler.request.fetches.map { result(graph.outputs[$0].value) }
    guard compiler.request.updatesVariables else { return }
    let donors = Set(compiler.steps.flatMap { $0.donations.map(\.variable) })
    for (index, variable) in graph.variables.enumerated() where !donors.contains(index) {
      if let update = variable.update { updates.append((index, result(update))) }
    }
  }

  /// A result is never in the arena: it is in a slot, or a constant or a view of one.
  private func result(_ value: Graph.Value) -> ExecutionPlan.Result {
    slots[value].map { .slot($0) } ?? .constant(compiler.place(value))
  }
}
