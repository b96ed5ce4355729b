import DeepSeekTensor

/// The memory of one run: the arena, and the tensors of every step laid out in it beforehand, so that running a step costs
/// little more than its kernel.
///
/// Used by one thread at a time; an executor keeps idle ones for the next run.
struct Frame: Sendable {
  let plan: ExecutionPlan
  /// The operands of each step. Those that differ from run to run are stand-ins between runs.
  var inputs: [[Tensor]]
  var outputs: [[Tensor]]
  private let arena: Storage

  /// Tensors that stand where a run puts its own; nobody reads or writes them.
  static let standIn = Tensor(uninitialized: .float32, [0])

  /// Throws ``GraphError`` when the system has less memory than the arena takes.
  init(_ plan: ExecutionPlan) throws {
    self.plan = plan
    guard let arena = Storage(ifAvailable: plan.arenaByteCount + ArenaPlanner.alignment) else {
      throw GraphError.invalidGraph(
        "its values take \(plan.arenaByteCount) bytes at once, more than there is memory for")
    }
    self.arena = arena
    let start = Frame.aligned(arena.pointer)
    // Each buffer has a storage of its own, so that what kernels hang on a storage never passes from one to another.
    let storages = zip(plan.offsets, plan.bufferSizes).map { offset, size in
      Storage(borrowing: UnsafeRawBufferPointer(start: start + offset, count: size), release: {})
    }
    func tensor(_ place: ExecutionPlan.Place) -> Tensor {
      switch place.root {
      case .arena(let buffer): Tensor(storage: storages[buffer], dtype: place.dtype, layout: place.layout)
      case .constant(let index): plan.constants[index].viewed(place.layout)
      default: Frame.standIn
      }
    }
    inputs = plan.steps.map { $0.inputs.map(tensor) }
    outputs = plan.steps.map { $0.outputs.map(tensor) }
  }

  /// Bytes that the frame holds on to while it is idle.
  var byteCount: Int { arena.byteCount }

  private static func aligned(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    pointer.alignedUp(toMultipleOf: ArenaPlanner.alignment)
  }
}
