import DeepSeekTensor

/// A graph made ready to run for one ``PlanRequest``: every shape known, every value at its place.
///
/// Immutable: any number of threads may run one plan, each with a ``Frame`` of its own.
final class ExecutionPlan: Sendable {
  /// What memory a value is a view of.
  enum Root: Sendable, Hashable {
    /// The arena's buffer of this number.
    case arena(Int)
    /// Memory of a run's own, taken from the allocator and given away with the results.
    case fresh(Int)
    case input(Int)
    case key(Int)
    case variable(Int)
    case constant(Int)

    /// Whether tensors at this place are the same in every run with a frame.
    var isFixed: Bool {
      switch self {
      case .arena, .constant: true
      default: false
      }
    }
  }

  /// Where a value lies.
  struct Place: Sendable, Hashable {
    var root: Root
    var dtype: DType
    var layout: Layout
  }

  /// How a step is carried out.
  enum Action: Sendable {
    /// All operands are at fixed places.
    case fixed
    /// Some operands are in slots: pairs of operand and slot.
    case patched(inputs: [(operand: Int, slot: Int)], outputs: [(operand: Int, slot: Int)])
    /// Nothing runs: the slot is a view of the memory that begins at another slot's tensor.
    case view(slot: Int, of: Int, layout: Layout)
    /// Some variables take their updates in their own memory; `inputs` and `outputs` are the other slots.
    case donated([Donation], inputs: [(operand: Int, slot: Int)], outputs: [(operand: Int, slot: Int)])
  }

  /// A variable that takes an output in its own memory, once nothing else reads what it held.
  struct Donation: Sendable {
    var variable: Int
    var output: Int
    /// Type and shape of the variable and its update.
    var spec: TensorSpec
    /// The inputs that are the variable.
    var operands: [Int]
    /// The slots of the variable and its views, its own first; none when the run never read it.
    var slots: [Int]
    /// The slot of the update.
    var update: Int
  }

  /// One operator to run.
  struct Step: Sendable {
    /// Its place in ``Graph/nodes``.
    var node: Int
    var operation: any Operator
    var inputs: [Place]
    var outputs: [Place]
    var action: Action
  }

  /// A tensor that a run takes from outside into a slot.
  struct Source: Sendable {
    var index: Int
    var slot: Int
    var spec: TensorSpec
  }

  /// A result: a constant or a view of one, or in a slot.
  enum Result: Sendable {
    case constant(Place)
    case slot(Int)
  }

  let request: PlanRequest
  let steps: [Step]
  let slotCount: Int
  /// Inputs, by place in ``Graph/inputs``.
  let inputs: [Source]
  /// Keys, by place in ``Graph/keys``.
  let keys: [Source]
  /// Variables, by place in ``Graph/variables``.
  let variables: [Source]
  /// Fresh memory: slot, type and shape.
  let fresh: [(slot: Int, spec: TensorSpec)]
  let offsets: [Int]
  let bufferSizes: [Int]
  let arenaByteCount: Int
  let fetched: [Result]
  /// Updates that are not taken in place: variable and what it becomes.
  let updates: [(variable: Int, result: Result)]
  let constants: [Tensor]
  let report: MemoryReport

  init(_ compiler: PlanCompiler, _ assembly: PlanAssembly) {
    request = compiler.request
    steps = assembly.steps
    slotCount = assembly.slotCount
    inputs = assembly.inputs
    keys = assembly.keys
    variables = assembly.variables
    fresh = assembly.fresh
    offsets = assembly.placement.offsets
    bufferSizes = compiler.buffers.map(\.byteCount)
    arenaByteCount = assembly.placement.byteCount
    fetched = assembly.fetched
    updates = assembly.updates
    constants = compiler.graph.constants.map(\.tensor)
    report = assembly.report
  }
}
