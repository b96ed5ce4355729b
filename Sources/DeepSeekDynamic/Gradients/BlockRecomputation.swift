import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

/// A module that runs blocks one after another, such as the layers of a Transformer, and can compute some of them again in the
/// backward walk to save memory.
public protocol BlockwiseModule: Module {
  /// Which blocks those are; none at first.
  var recomputation: BlockRecomputation { get }
}

/// Which of a module's blocks are computed again in the backward walk; see ``CheckpointPlan``.
///
/// ```swift
/// final class Stack: BlockwiseModule {
///   let layers = (0..<12).map { _ in Block() }
///   let recomputation = BlockRecomputation()
///   func callAsFunction(_ x: Tensor) -> Tensor {
///     recomputation(x, blocks: layers.count) { [layers] index, x in layers[index](x) }
///   }
/// }
/// try model.planRecomputation(fitting: 2 << 30) { _ = model(batch) }
/// ```
///
/// Gradients are the same bits with every choice.
public final class BlockRecomputation: Sendable {
  private typealias Block = @Sendable (Tensor) -> Tensor

  private struct State {
    var isCheckpointed: [Bool] = []
    /// Elements of the first block's input: those that the plan was made for, and the most that came since.
    var planned = 0
    var largest = 0
    var isRecording = false
    var recorded: (input: Tensor, blocks: [Block])?
  }

  private let isUsed = Atomic(false)
  private let state = Mutex(State())

  /// Nothing is computed again.
  public init() {}

  /// Whether each block is computed again; empty when none is.
  public var isCheckpointed: [Bool] {
    get { state.withLock { $0.isCheckpointed } }
    set {
      state.withLock { $0.isCheckpointed = newValue }
      isUsed.store(newValue.contains(true), ordering: .relaxed)
    }
  }

  /// Whether a larger input came than the plan was made for.
  var isOutgrown: Bool { state.withLock { $0.largest > $0.planned } }

  /// What the last of `count` blocks makes of what the one before makes of … the input. Traps when another number of blocks was
  /// planned for. Costs one atomic read when nothing is computed again.
  public func callAsFunction(
    _ input: Tensor, blocks count: Int, _ block: @escaping @Sendable (_ index: Int, _ input: Tensor) -> Tensor
  ) -> Tensor {
    if !isUsed.load(ordering: .relaxed) { return (0..<count).reduce(input) { block($1, $0) } }
    let choice = state.withLock { state in
      if input.graphValue == nil { state.largest = Swift.max(state.largest, input.shape.elementCount) }
      if state.isRecording { state.recorded = (input.detached(), (0..<count).map { index in { block(index, $0) } }) }
      return state.isCheckpointed
    }
    if choice.isEmpty { return (0..<count).reduce(input) { block($1, $0) } }
    if choice.count != count { fatalError("BlockRecomputation: \(count) blocks, \(choice.count) were planned for") }
    return (0..<count).reduce(input) { x, index in
      choice[index] ? checkpoint(x) { block(index, $0) } : block(index, x)
    }
  }

  /// Plans anew: notes the blocks that `run` runs.
  func beginRecording() {
    state.withLock { state in
      state.isCheckpointed = []
      state.isRecording = true
      state.recorded = nil
    }
    isUsed.store(true, ordering: .relaxed)
  }

  /// Forgets what was noted.
  func cancelRecording() {
    state.withLock { state in
      state.isRecording = false
      state.recorded = nil
    }
  }

  /// Chooses among the noted blocks.
  func endRecording(fitting budget: Int) throws(CheckpointBudgetError) {
    let recorded = state.withLock { state in
      state.isRecording = false
      defer { state.recorded = nil }
      return state.recorded
    }
    guard let recorded else { return }
    let plan = try CheckpointPlan.fitting(budget, blocks: recorded.blocks, input: recorded.input)
    state.withLock { state in
      state.isCheckpointed = plan.isCheckpointed
      state.planned = recorded.input.shape.elementCount
      state.largest = state.planned
    }
  }
}

extension Module {
  private var recomputations: [BlockRecomputation] {
    var found: [BlockRecomputation] = []
    forEachModule { if let module = $0 as? any BlockwiseModule { found.append(module.recomputation) } }
    return found
  }

  /// Chooses which blocks are computed again in the backward walk, so that their activations and the gradients of their weights
  /// fit a budget, in bytes, at the least cost of time; several stacks of blocks have equal parts of it.
  ///
  /// `run` runs the model once, forward, as a step does. Then each block is measured by itself; nothing else should use tensors
  /// meanwhile. Weights and their gradients are not changed. Returns whether the model has such blocks. Throws
  /// ``CheckpointBudgetError`` when even computing all of them again does not fit, and what `run` throws.
  @discardableResult
  public func planRecomputation(fitting budget: Int, _ run: () throws -> Void) throws -> Bool {
    let stacks = recomputations
    if stacks.isEmpty { return false }
    for stack in stacks { stack.beginRecording() }
    // Where one stack fails, the others note no more.
    defer { for stack in stacks { stack.cancelRecording() } }
    try RandomGenerator.withSeed(0) {
      try noGradient { try run() }
      for stack in stacks { try stack.endRecording(fitting: budget / stacks.count) }
    }
    return true
  }

  /// Whether a step's blocks were larger than those that the plan was made for, so that another is due.
  public var hasOutgrownRecomputation: Bool { recomputations.contains { $0.isOutgrown } }
}
