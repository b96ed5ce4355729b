public import DeepSeekTensor
import Synchronization

/// Runs a graph with the framework's own kernels.
///
/// For each combination of fetches and input shapes a plan is compiled once: symbols bound, every value's place in one
/// arena settled, in-place writes decided. Later runs with the same shapes cost, beside the kernels, well under a
/// microsecond a node. Runs that update variables go one after another; others run side by side, each with an arena of
/// its own.
///
/// Inputs that are strided are copied first. Variables must not be changed by others while a run that updates them is
/// under way.
public final class CPUExecutor: GraphExecutor {
  /// What it runs.
  public let graph: Graph
  private let changesState: Bool
  private let plans = Mutex(PlanCache())
  private let frames = Mutex(FramePool())
  private let updating = Mutex(())

  /// An executor of `graph`, whose variables it reads and updates. Throws ``GraphError`` when the graph is not whole.
  public init(_ graph: Graph) throws {
    try graph.verify()
    self.graph = graph
    changesState =
      graph.variables.contains { $0.update != nil } || graph.nodes.contains { $0.operation.traits.contains(.effect) }
    // Kernels may keep prepared forms (packed weights) of tensors that stay.
    for constant in graph.constants { constant.tensor.storage.prepared.isLongLived = true }
  }

  /// Runs what the fetches need; see ``GraphExecutor/run(_:fetches:updatesVariables:)``.
  public func run(_ feeds: [Tensor?], fetches: [Int], updatesVariables: Bool) throws -> [Tensor] {
    if let unknown = fetches.first(where: { !graph.outputs.indices.contains($0) }) {
      throw GraphError.unknownName(kind: "output", "number \(unknown)", known: graph.outputs.map(\.name))
    }
    return try run(feeds, fetches: fetches, updatesVariables: updatesVariables, clock: nil).results
  }

  /// Runs everything and notes when each step ran.
  func timedRun(
    _ feeds: [Tensor], updatesVariables: Bool
  ) throws -> (outputs: [Tensor], clock: StepClock, plan: ExecutionPlan) {
    let fetches = Array(graph.outputs.indices)
    let run = try run(feeds, fetches: fetches, updatesVariables: updatesVariables, clock: StepClock())
    return (run.results, run.clock!, run.plan)
  }

  private func run(
    _ feeds: [Tensor?], fetches: [Int], updatesVariables: Bool, clock: StepClock?
  ) throws -> (results: [Tensor], clock: StepClock?, plan: ExecutionPlan) {
    try graph.expectPlainTensors(feeds)
    let updates = updatesVariables && changesState
    let plan = try plan(PlanRequest(fetches: fetches, updatesVariables: updates, shapes: feeds.map { $0?.shape }))
    var run = try PlanRun(plan, graph, frames.withLock { $0.take(plan) } ?? Frame(plan))
    run.clock = clock
    let results: [Tensor]
    if updates {
      // Weights that change with every run are not worth packing, which kernels do where no gradient is wanted.
      results = try updating.withLock { _ in try withGradient { try run.results(feeds) } }
    } else {
      results = try noGradient { try run.results(feeds) }
    }
    let surplus = frames.withLock { $0.put(run.frame) }
    withExtendedLifetime(surplus) {}
    return (results, run.clock, plan)
  }

  /// What a run with these shapes does with memory. Throws ``GraphError`` when the shapes do not fit.
  ///
  /// - Parameters:
  ///   - shapes: One for each of ``Graph/inputs``; `nil` for one that is not fed.
  ///   - fetches: Names of outputs; all when left out.
  ///   - updatesVariables: Whether variables take their updates.
  public func memoryReport(
    _ shapes: [Shape?], fetches: [String]? = nil, updatesVariables: Bool = true
  ) throws -> MemoryReport {
    let places = graph.outputs.indices.filter { fetches?.contains(graph.outputs[$0].name) ?? true }
    let updates = updatesVariables && changesState
    return try plan(PlanRequest(fetches: places, updatesVariables: updates, shapes: shapes)).report
  }

  private func plan(_ request: PlanRequest) throws -> ExecutionPlan {
    if let known = plans.withLock({ $0[request] }) { return known }
    let compiler = try PlanCompiler(graph, request)
    let plan = ExecutionPlan(compiler, PlanAssembly(compiler))
    return plans.withLock { $0.insert(plan) }
  }
}

/// Plans by request, the ones used last.
private struct PlanCache: Sendable {
  /// Enough for every bucket of sequence lengths that a server pads to.
  static let limit = 64
  private var plans: [PlanRequest: (plan: ExecutionPlan, lastUse: Int)] = [:]
  private var latest: ExecutionPlan?
  private var clock = 0

  subscript(request: PlanRequest) -> ExecutionPlan? {
    mutating get {
      if let latest, latest.request == request { return latest }
      guard let known = plans[request] else { return nil }
      clock += 1
      plans[request]!.lastUse = clock
      latest = known.plan
      return known.plan
    }
  }

  /// Keeps a plan, unless another thread was faster; returns the one kept.
  mutating func insert(_ plan: ExecutionPlan) -> ExecutionPlan {
    if let known = self[plan.request] { return known }
    if plans.count >= PlanCache.limit, let oldest = plans.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      plans[oldest.key] = nil
    }
    clock += 1
    plans[plan.request] = (plan, clock)
    latest = plan
    return plan
  }
}
