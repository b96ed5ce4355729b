public import DeepSeekGraph
public import DeepSeekTensor

/// What a program does with inputs of some shapes, step by step, as measured.
public struct Explanation: Sendable {
  /// One step.
  public struct Step: Sendable {
    /// The operator, and what the node is called.
    public let label: String
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

  /// Steps with equal operators together, the longest first: how many there are, and their sums.
  public var byOperator: [(label: String, count: Int, seconds: Double, operations: Double, bytes: Double)] {
    var order: [String] = []
    var sums: [String: (count: Int, seconds: Double, operations: Double, bytes: Double)] = [:]
    for step in steps {
      let name = String(step.label.prefix { $0 != " " })
      if sums[name] == nil { order.append(name) }
      let sum = sums[name] ?? (0, 0, 0, 0)
      sums[name] = (
        sum.count + 1, sum.seconds + step.seconds, sum.operations + step.operations, sum.bytes + step.bytes
      )
    }
    return order.map { name in
      let sum = sums[name]!
      return (name, sum.count, sum.seconds, sum.operations, sum.bytes)
    }.sorted { $0.seconds > $1.seconds }
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
        label: step.label, inputs: step.inputs, outputs: step.outputs, operations: step.cost.operations,
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
