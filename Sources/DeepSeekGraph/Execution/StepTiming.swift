public import DeepSeekTensor

/// What one step of a run did, and how long it took.
public struct StepTiming: Sendable {
  /// The node's place in ``Graph/nodes``.
  public let node: Int
  /// The operator's name, and the node's own when it has one.
  public let label: String
  /// Types and shapes of what it read and wrote.
  public let inputs, outputs: [TensorSpec]
  /// Whether each input lies otherwise than in row-major order without gaps: many kernels copy such ones first.
  public let areInputsStrided: [Bool]
  /// Arithmetic and memory traffic; see ``Graph/cost(of:lengths:open:)``.
  public let cost: NodeCost
  /// Nanoseconds from the start of the run to the step's.
  public let start: UInt64
  /// Nanoseconds that the step took.
  public let duration: UInt64
}

/// Notes when steps begin and end.
struct StepClock {
  private let clock = ContinuousClock()
  private let origin: ContinuousClock.Instant
  private(set) var spans: [(step: Int, start: UInt64, duration: UInt64)] = []

  init() { origin = clock.now }

  mutating func measure(_ step: Int, _ body: () throws -> Void) rethrows {
    let start = clock.now
    try body()
    let end = clock.now
    spans.append((step, StepClock.nanoseconds(start - origin), StepClock.nanoseconds(end - start)))
  }

  private static func nanoseconds(_ duration: Duration) -> UInt64 {
    UInt64(duration.components.seconds) * 1_000_000_000 + UInt64(duration.components.attoseconds / 1_000_000_000)
  }
}

extension CPUExecutor {
  /// Runs the graph as ``run(_:fetches:updatesVariables:)`` does and says what each step took.
  ///
  /// - Parameters:
  ///   - feeds: One for each of ``Graph/inputs``.
  ///   - updatesVariables: Whether variables take their updates.
  /// - Returns: All outputs, and a timing for each step that ran a kernel, in order.
  public func profile(
    _ feeds: [Tensor], updatesVariables: Bool = false
  ) throws -> (outputs: [Tensor], steps: [StepTiming]) {
    guard feeds.count == graph.inputs.count else {
      throw GraphError.invalidGraph("\(feeds.count) tensors are fed, the graph has \(graph.inputs.count) inputs")
    }
    let lengths = try graph.bindings(for: feeds.map(\.shape))
    let (outputs, clock, plan) = try timedRun(feeds, updatesVariables: updatesVariables)
    let steps = clock.spans.map { span in
      let step = plan.steps[span.step]
      let node = graph.nodes[step.node]
      func specs(_ places: [ExecutionPlan.Place]) -> [TensorSpec] {
        places.map { TensorSpec($0.dtype, $0.layout.shape) }
      }
      return StepTiming(
        node: step.node, label: node.label, inputs: specs(step.inputs), outputs: specs(step.outputs),
        areInputsStrided: step.inputs.map { !$0.layout.isContiguous },
        cost: graph.cost(of: node, lengths: lengths), start: span.start, duration: span.duration)
    }
    return (outputs, steps)
  }
}
