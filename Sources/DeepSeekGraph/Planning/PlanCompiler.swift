import DeepSeekTensor

/// The first half of compiling a plan: types and shapes, where every value lies, and how long it is needed.
struct PlanCompiler {
  /// An operator with its symbols replaced.
  struct Step {
    var node: Int
    var operation: any Operator
    var inputs: [Graph.Value]
    var outputs: [Graph.Value]
    /// Whether the output is only another view of the first input's memory.
    var isView: Bool
    /// Outputs that are written into the memory of the variable that they update.
    var donations: [(output: Int, variable: Int)] = []
  }

  let graph: Graph
  let request: PlanRequest
  private(set) var steps: [Step] = []
  /// Where each value lies, by ``Graph/Value/index``; `nil` for one that this run does not make.
  private(set) var places: [ExecutionPlan.Place?]
  /// The arena's buffers.
  private(set) var buffers: [BufferRequest] = []
  /// Fresh memory by number: type and shape.
  private(set) var fresh: [TensorSpec] = []
  private(set) var inPlaceCount = 0
  private(set) var donatedCount = 0
  /// The sum of all buffers before any is shared.
  private(set) var withoutReuse = 0
  /// The last step that reads each root.
  private var lastUse: [ExecutionPlan.Root: Int] = [:]
  /// Roots that results are views of.
  private var kept: Set<ExecutionPlan.Root> = []

  init(_ graph: Graph, _ request: PlanRequest) throws {
    self.graph = graph
    self.request = request
    places = Array(repeating: nil, count: graph.specs.count)
    let bindings = try graph.bindings(for: request.shapes)
    try placeSources(bindings)
    try placeNodes(bindings)
    separateResults()
    countUses()
    donateVariables()
    reuseInPlace()
  }

  /// The values that live past the run.
  var results: [Graph.Value] {
    let updates = request.updatesVariables ? graph.variables.compactMap(\.update) : []
    return request.fetches.map { graph.outputs[$0].value } + updates
  }

  func place(_ value: Graph.Value) -> ExecutionPlan.Place { places[value.index]! }

  private mutating func placeSources(_ bindings: [Dimension: Int]) throws {
    for (index, input) in graph.inputs.enumerated() {
      guard let shape = request.shapes[index] else { continue }
      places[input.value.index] = .init(
        root: .input(index), dtype: graph.spec(input.value).dtype, layout: Layout(shape))
    }
    for (index, key) in graph.keys.enumerated() {
      places[key.index] = .init(root: .key(index), dtype: .int64, layout: Layout([2]))
    }
    for (index, variable) in graph.variables.enumerated() {
      let spec = graph.spec(variable.value)
      places[variable.value.index] = .init(root: .variable(index), dtype: spec.dtype, layout: Layout(spec.shape))
    }
    for (index, constant) in graph.constants.enumerated() {
      places[constant.value.index] = .init(
        root: .constant(index), dtype: constant.tensor.dtype, layout: constant.tensor.layout)
    }
  }

  private mutating func placeNodes(_ bindings: [Dimension: Int]) throws {
    let constants = Dictionary(uniqueKeysWithValues: graph.constants.map { ($0.value, $0.tensor) })
    let inputNames = Dictionary(uniqueKeysWithValues: graph.inputs.map { ($0.value, $0.name) })
    let needed = graph.neededNodes(fetches: request.fetches, updatesVariables: request.updatesVariables)
    for index in request.updatesVariables ? graph.withEarlyUpdates(needed) : needed {
      let node = graph.nodes[index]
      let operation = node.operation.resolved(bindings)
      let readsValues = operation.traits.contains(.shapeReadsValues)
      var specs: [TensorSpec] = []
      for value in node.inputs {
        guard let place = places[value.index] else {
          throw GraphError.feed(
            inputNames[value] ?? "\(value)", "nothing is fed, but '\(node.operation.name)' needs a \(graph.spec(value))"
          )
        }
        specs.append(TensorSpec(place.dtype, place.layout.shape, value: readsValues ? constants[value] : nil))
      }
      let outputs: [TensorSpec]
      do { outputs = try operation.infer(specs) } catch {
        throw GraphError.invalidNode(index, operation: operation.name, "\(error)")
      }
      if let huge = outputs.first(where: { !PlanCompiler.canBeHeld($0) }) {
        throw GraphError.invalidNode(index, operation: operation.name, "\(huge) is larger than any memory")
      }
      guard outputs.count == node.outputs.count, outputs.allSatisfy({ $0.shape.isKnown }) else {
        throw GraphError.invalidNode(
          index, operation: operation.name, "the shapes \(outputs) are not known before it runs")
      }
      add(Step(node: index, operation: operation, inputs: node.inputs, outputs: node.outputs, isView: false), outputs)
    }
    for value in results where places[value.index] == nil {
      throw GraphError.feed(inputNames[value] ?? "\(value)", "nothing is fed, but it is also an output or an update")
    }
  }

  /// Whether so many elements could lie in some memory; lengths that are not known yet count as one.
  private static func canBeHeld(_ spec: TensorSpec) -> Bool {
    var byteCount = spec.dtype.byteCount
    for dimension in spec.shape.dimensions {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: max(dimension.known ?? 1, 1))
      if overflow || product > 1 << 48 { return false }
      byteCount = product
    }
    return true
  }

  private mutating func add(_ newStep: Step, _ specs: [TensorSpec]) {
    var step = newStep
    if step.operation.traits.contains(.view), let layout = viewLayout(step, specs[0]) {
      step.isView = true
      places[step.outputs[0].index] = .init(root: place(step.inputs[0]).root, dtype: specs[0].dtype, layout: layout)
      steps.append(step)
      return
    }
    for (output, spec) in zip(step.outputs, specs) {
      let size = spec.shape.elementCount * spec.dtype.byteCount
      withoutReuse += ArenaPlanner.rounded(size)
      buffers.append(BufferRequest(byteCount: size, first: steps.count, last: steps.count))
      places[output.index] = .init(root: .arena(buffers.count - 1), dtype: spec.dtype, layout: Layout(spec.shape))
    }
    steps.append(step)
  }

  /// Asks the operator with a stand-in: view rules read layouts, never elements, so no memory need be behind it.
  private func viewLayout(_ step: Step, _ spec: TensorSpec) -> Layout? {
    let input = place(step.inputs[0])
    if case .constant(let index) = input.root {
      return step.operation.view(of: graph.constants[index].tensor.viewed(input.layout), output: spec)
    }
    let standIn = Tensor(storage: PlanCompiler.noMemory, dtype: input.dtype, layout: Layout([]))
    return step.operation.view(of: standIn.viewed(input.layout), output: spec)
  }

  private static let noMemory = Storage(byteCount: 16)

  /// Results must not alias the arena, which the next run overwrites: what they are views of gets memory of its own.
  private mutating func separateResults() {
    for value in results { kept.insert(place(value).root) }
    var moved: [ExecutionPlan.Root: ExecutionPlan.Root] = [:]
    for step in steps where !step.isView {
      for output in step.outputs where kept.contains(place(output).root) {
        fresh.append(TensorSpec(place(output).dtype, place(output).layout.shape))
        moved[place(output).root] = .fresh(fresh.count - 1)
      }
    }
    for (old, new) in moved {
      guard case .arena(let buffer) = old else { continue }
      withoutReuse -= ArenaPlanner.rounded(buffers[buffer].byteCount)
      buffers[buffer].byteCount = 0
      kept.insert(new)
    }
    for index in places.indices {
      if let place = places[index], let root = moved[place.root] { places[index]!.root = root }
    }
  }

  private mutating func countUses() {
    for (index, step) in steps.enumerated() {
      for input in step.inputs { lastUse[place(input).root] = index }
      for case .arena(let buffer) in (step.inputs + step.outputs).map({ place($0).root }) {
        buffers[buffer].last = index
      }
    }
  }

  /// Whether the step may write an output over the memory of an input: its operator can, the input has the output's type
  /// and shape and fills the memory from its start, it is needed no more, and no other input sees the same memory
  /// otherwise.
  private func mayOverwrite(_ step: Step, _ index: Int, _ output: Int, _ input: Graph.Value) -> Bool {
    guard !step.isView else { return false }
    let (source, target) = (place(input), place(step.outputs[output]))
    guard
      source.dtype == target.dtype, source.layout == Layout(target.layout.shape), lastUse[source.root] == index,
      !kept.contains(source.root)
    else { return false }
    let sharing = step.inputs.filter { place($0).root == source.root }
    if step.outputs.count == 1 && step.operation.traits.contains(.elementwise) {
      return sharing.allSatisfy { place($0).layout == source.layout }
    }
    let overwritable = step.operation.overwritableInputs(of: step.inputs.count)
    return overwritable.indices.contains(output) && step.inputs[overwritable[output]] == input && sharing.count == 1
  }

  /// Whether the step may write its output over a variable that it does not read: nothing reads the variable from here on.
  private func mayReplace(_ step: Step, _ index: Int, _ variable: Graph.Value) -> Bool {
    let root = place(variable).root
    return (lastUse[root] ?? -1) < index && !kept.contains(root)
  }

  /// A variable takes its update in its own memory when the operator can write it over what the variable held, or nothing
  /// reads that any longer, and the update is no other result too.
  private mutating func donateVariables() {
    guard request.updatesVariables else { return }
    var producers: [Graph.Value: (step: Int, output: Int)] = [:]
    for (index, step) in steps.enumerated() where !step.isView {
      for (output, value) in step.outputs.enumerated() { producers[value] = (index, output) }
    }
    let timesKept = Dictionary(results.map { (place($0).root, 1) }, uniquingKeysWith: +)
    for (number, variable) in graph.variables.enumerated() {
      guard let update = variable.update, let (index, output) = producers[update],
        mayOverwrite(steps[index], index, output, variable.value) || mayReplace(steps[index], index, variable.value),
        timesKept[place(update).root] == 1, case .fresh(let memory) = place(update).root
      else { continue }
      steps[index].donations.append((output, number))
      let old = place(update).root
      for place in places.indices where places[place]?.root == old { places[place]!.root = .variable(number) }
      fresh[memory].shape = [0]
      donatedCount += 1
    }
  }

  /// An operator writes over an input that nobody needs after it.
  private mutating func reuseInPlace() {
    for (index, step) in steps.enumerated() where step.donations.isEmpty && !step.isView {
      for output in step.outputs.indices {
        guard case .arena(let target) = place(step.outputs[output]).root,
          let source = step.inputs.compactMap({ reusable(step, index, output, $0) }).first
        else { continue }
        let (old, new) = (ExecutionPlan.Root.arena(target), ExecutionPlan.Root.arena(source))
        buffers[source].last = max(buffers[source].last, buffers[target].last)
        buffers[target].byteCount = 0
        lastUse[new] = lastUse[old] ?? index
        for place in places.indices where places[place]?.root == old { places[place]!.root = new }
        inPlaceCount += 1
      }
    }
  }

  private func reusable(_ step: Step, _ index: Int, _ output: Int, _ input: Graph.Value) -> Int? {
    guard case .arena(let buffer) = place(input).root, mayOverwrite(step, index, output, input) else { return nil }
    let size = place(step.outputs[output]).layout.shape.elementCount * place(input).dtype.byteCount
    return buffers[buffer].byteCount == size ? buffer : nil
  }
}
