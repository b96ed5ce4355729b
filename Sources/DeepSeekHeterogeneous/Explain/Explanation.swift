public import DeepSeekGraph
public import DeepSeekTensor

/// What a program does with inputs of some shapes, step by step, as measured.
public struct Explanation: Sendable {
  /// One step.
  public struct Step: Sendable {
    /// The operator, and what the node is called.
    public let label: String
    /// What one operator does at once that could be several, in order; empty where nothing was fused.
    public let fused: [String]
    /// Types and shapes of what it reads and writes.
    public let inputs, outputs: [TensorSpec]
    /// Floating-point operations.
    public let operations: Double
    /// Bytes read and written.
    public let bytes: Double
    /// The median over the runs, in seconds.
    public let seconds: Double
    /// When it began in the last run, in seconds.
    public let start: Double
    /// The time that the machine's limits allow, divided by the time taken; `nil` without limits.
    public let shareOfLimit: Double?
  }

  /// The steps that run a kernel, in order.
  public let steps: [Step]
  /// The memory that a run takes beside weights and results.
  public let memory: MemoryReport
  /// Bytes of weights and other constants.
  public let constantBytes: Int

  /// Seconds of all steps together.
  public var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }

  /// Steps with the same work.
  public struct Group: Sendable {
    /// The operator, and behind it what was fused in it.
    public let label: String
    /// How many steps there are.
    public var count = 0
    /// Their seconds, floating-point operations and bytes.
    public var seconds = 0.0, operations = 0.0, bytes = 0.0
    /// The seconds that the machine's limits allow; `nil` without limits.
    public var leastSeconds: Double?

    /// The time that the machine's limits allow, divided by the time taken; `nil` without limits.
    public var shareOfLimit: Double? { leastSeconds.map { $0 / Swift.max(seconds, 1e-12) } }

    init(_ label: String) { self.label = label }

    mutating func add(_ step: Step) {
      count += 1
      seconds += step.seconds
      operations += step.operations
      bytes += step.bytes
      if let share = step.shareOfLimit { leastSeconds = (leastSeconds ?? 0) + share * step.seconds }
    }
  }

  /// Steps with equal operators, in which the same was fused, together; the longest first.
  public var byOperator: [Group] {
    var groups: [Group] = []
    var places: [String: Int] = [:]
    for step in steps {
      let name = String(step.label.prefix { $0 != " " }) + step.fusedSuffix
      if places[name] == nil {
        places[name] = groups.count
        groups.append(Group(name))
      }
      groups[places[name]!].add(step)
    }
    return groups.sorted { $0.seconds > $1.seconds }
  }
}

/// What the machine can do at best.
public struct MachineLimits: Sendable, Hashable {
  /// Floating-point operations in a second.
  public var operationsPerSecond: Double
  /// Bytes to and from memory in a second.
  public var bytesPerSecond: Double

  /// These limits.
  public init(operationsPerSecond: Double, bytesPerSecond: Double) {
    self.operationsPerSecond = operationsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }
}

extension Program {
  /// Runs the program some times and says what each step took.
  ///
  /// - Parameters:
  ///   - inputs: What is fed.
  ///   - runs: How often it is run after once for warming up; the medians are given.
  ///   - limits: What the machine can do, for each step's share of it.
  /// - Throws: `GraphError` when the inputs do not fit.
  public func explain(_ inputs: [Tensor], runs: Int = 5, limits: MachineLimits? = nil) throws -> Explanation {
    _ = try executor.profile(inputs)
    let timings = try (0..<Swift.max(runs, 1)).map { _ in try executor.profile(inputs).steps }
    let last = timings[timings.count - 1]
    let steps = last.indices.map { index in
      let step = last[index]
      let seconds = Program.median(timings.map { Double($0[index].duration) / 1e9 })
      let share = limits.map { limits in
        Swift.max(step.cost.operations / limits.operationsPerSecond, step.cost.bytes / limits.bytesPerSecond)
          / Swift.max(seconds, 1e-9)
      }
      return Explanation.Step(
        label: step.label, fused: graph.nodes[step.node].fusedParts, inputs: step.inputs, outputs: step.outputs,
        operations: step.cost.operations,
        bytes: step.cost.bytes, seconds: seconds, start: Double(step.start) / 1e9, shareOfLimit: share)
    }
    return Explanation(
      steps: steps, memory: try memoryReport(inputs.map(\.shape)), constantBytes: constantByteCount)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
