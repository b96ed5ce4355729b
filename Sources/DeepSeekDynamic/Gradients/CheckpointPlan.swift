import DeepSeekOperators
public import DeepSeekTensor

/// Which of a model's blocks are computed again in the backward walk (see ``checkpoint(_:_:)-(Tensor,_)``), so that a step
/// fits a budget of memory and takes no more time than that asks for.
///
/// ```swift
/// let blocks = model.layers.map { layer in { @Sendable x in layer(x) } }
/// let plan = try CheckpointPlan.fitting(2 << 30, blocks: blocks, input: embedded)
/// let output = plan(embedded, through: blocks)
/// ```
///
/// Gradients are the same bits with every plan.
public struct CheckpointPlan: Sendable, Hashable {
  /// What one block takes, in bytes beyond what was there before it ran; measured.
  public struct Cost: Sendable, Hashable {
    /// A block in one of the two ways that it can run.
    public struct Mode: Sendable, Hashable {
      /// Kept from its forward to its backward run, its output among it.
      public var held: Int
      /// The most during the forward run.
      public var forwardPeak: Int
      /// The most during the backward run, what is held and the gradients of its weights among it.
      public var backwardPeak: Int

      /// These bytes.
      public init(held: Int, forwardPeak: Int, backwardPeak: Int) {
        self.held = held
        self.forwardPeak = forwardPeak
        self.backwardPeak = backwardPeak
      }
    }

    /// With its activations kept.
    public var kept: Mode
    /// Computed again.
    public var checkpointed: Mode
    /// The gradients of its weights.
    public var gradients: Int
    /// What computing it again costs, in seconds.
    public var seconds: Double

    /// These figures.
    public init(kept: Mode, checkpointed: Mode, gradients: Int, seconds: Double) {
      self.kept = kept
      self.checkpointed = checkpointed
      self.gradients = gradients
      self.seconds = seconds
    }
  }

  /// What each block takes.
  public let costs: [Cost]
  /// Whether each block is computed again.
  public let isCheckpointed: [Bool]

  /// The most bytes that a forward and a backward run through the blocks take, beyond what was there before: activations,
  /// temporaries, and gradients of the blocks' weights.
  public var predictedPeak: Int { CheckpointPlan.peak(costs, isCheckpointed) }

  /// The seconds that a step spends on computing blocks again.
  public var recomputedSeconds: Double { zip(costs, isCheckpointed).reduce(0) { $0 + ($1.1 ? $1.0.seconds : 0) } }

  /// A plan for blocks of these costs that fits `budget`, in bytes. Throws when even computing all of them again does not.
  ///
  /// Blocks that free the most for each second are taken first, until it fits; then those that turned out not to be needed
  /// are let go, the slowest first.
  public init(fitting budget: Int, costs: [Cost]) throws(CheckpointBudgetError) {
    var choice = [Bool](repeating: false, count: costs.count)
    func worth(_ index: Int) -> Double {
      Double(costs[index].kept.held - costs[index].checkpointed.held) / Swift.max(costs[index].seconds, 1e-9)
    }
    let candidates = costs.indices.filter { costs[$0].kept.held > costs[$0].checkpointed.held }
      .sorted { (worth($0), $1) > (worth($1), $0) }
    var least = CheckpointPlan.peak(costs, choice)
    for index in candidates where CheckpointPlan.peak(costs, choice) > budget {
      choice[index] = true
      least = Swift.min(least, CheckpointPlan.peak(costs, choice))
    }
    guard CheckpointPlan.peak(costs, choice) <= budget else {
      throw CheckpointBudgetError(budget: budget, needed: least)
    }
    for index in candidates.sorted(by: { costs[$0].seconds > costs[$1].seconds }) where choice[index] {
      choice[index] = false
      if CheckpointPlan.peak(costs, choice) > budget { choice[index] = true }
    }
    self.costs = costs
    isCheckpointed = choice
  }

  /// A plan for these blocks, one after another from `input`, that fits `budget`, in bytes.
  ///
  /// A sixty-fourth of the budget is kept back for what blocks hand each other, which measuring them one by one does not see.
  ///
  /// Runs each block forward and backward twice to measure it. Nothing else should use tensors meanwhile, and `input` must
  /// have a step's shape. Weights and their gradients are not changed, nor is the caller's ``RandomGenerator``; running
  /// statistics are.
  public static func fitting(
    _ budget: Int, blocks: [@Sendable (Tensor) -> Tensor], input: Tensor
  ) throws(CheckpointBudgetError) -> CheckpointPlan {
    var costs: [Cost] = []
    var x = input.detached()
    for block in blocks {
      let (cost, output) = measure(block, x)
      costs.append(cost)
      x = output
    }
    let reserve = budget / 64
    do {
      return try CheckpointPlan(fitting: budget - reserve, costs: costs)
    } catch {
      throw CheckpointBudgetError(budget: budget, needed: error.needed + error.needed / 63 + 1)
    }
  }

  /// The blocks' output, some of them checkpointed as planned. Traps when their number is another than the plan's.
  public func callAsFunction(_ input: Tensor, through blocks: [@Sendable (Tensor) -> Tensor]) -> Tensor {
    if blocks.count != isCheckpointed.count {
      fatalError("CheckpointPlan: \(blocks.count) blocks, the plan is for \(isCheckpointed.count)")
    }
    return zip(blocks, isCheckpointed).reduce(input) { x, step in
      step.1 ? checkpoint(x, step.0) : step.0(x)
    }
  }

  /// The most memory of a forward and a backward run.
  private static func peak(_ costs: [Cost], _ choice: [Bool]) -> Int {
    let modes = zip(costs, choice).map { $1 ? $0.checkpointed : $0.kept }
    var result = 0
    var held = 0
    // The gradients of the blocks behind are there when a block's backward run begins.
    var gradients = costs.reduce(0) { $0 + $1.gradients }
    for (cost, mode) in zip(costs, modes) {
      gradients -= cost.gradients
      result = Swift.max(result, held + mode.forwardPeak, held + mode.backwardPeak + gradients)
      held += mode.held
    }
    return result
  }

  private static func measure(_ block: @escaping @Sendable (Tensor) -> Tensor, _ input: Tensor) -> (Cost, Tensor) {
    // The first run may pack weights or fill tables, which last.
    let (output, parameters) = parametersRead { noGradient { block(input) } }
    let clock = ContinuousClock()
    var seconds = 0.0
    var gradientBytes = 0
    func run(_ body: (Tensor) -> Tensor) -> Cost.Mode {
      RandomGenerator.withSeed(0) {
        withGradient {
          let x = input.dtype.isFloatingPoint ? input.requiringGradient() : input
          let start = Memory.statistics.inUse
          Memory.resetPeak()
          var mode = Cost.Mode(held: 0, forwardPeak: 0, backwardPeak: 0)
          var y: Tensor?
          let time = clock.measure { y = body(x) }
          let whole = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
          if seconds == 0 { seconds = whole }
          mode.held = Memory.statistics.inUse - start
          mode.forwardPeak = Memory.statistics.peak - start
          Memory.resetPeak()
          let found = gradients(of: [y!], withRespectTo: [x] + parameters.map(\.tensor))
          mode.backwardPeak = Memory.statistics.peak - start
          gradientBytes = found.dropFirst().reduce(0) { $0 + ($1.map { $0.elementCount * $0.dtype.byteCount } ?? 0) }
          return mode
        }
      }
    }
    let kept = run(block)
    let again = run { checkpoint($0, block) }
    return (Cost(kept: kept, checkpointed: again, gradients: gradientBytes, seconds: seconds), output)
  }
}

/// No plan fits the budget.
public struct CheckpointBudgetError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes asked for.
  public let budget: Int
  /// The bytes that the most frugal plan takes.
  public let needed: Int

  /// Both, and what to do.
  public var description: String {
    "checkpoint: a step takes at least \(needed) bytes, the budget is \(budget); give more, or smaller batches"
  }
}
