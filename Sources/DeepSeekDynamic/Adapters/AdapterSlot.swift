public import DeepSeekOperators
public import DeepSeekTensor
import Synchronization

/// Where a layer's adapters hang; empty until ``Adapters`` puts some there.
///
/// Their factors are the layer's fields: optimizers and state dictionaries see them beside its weight.
public final class AdapterSlot: Sendable {
  private struct State {
    var owner: AdapterOwner?
    var adapters: [LowRankAdapter] = []
    var active: [String] = []
    /// The weight as it was before a merge.
    var original: Tensor?
    var product: (any LayerProduct)?

    var isOccupied: Bool { !adapters.isEmpty || product != nil }
  }

  private let isOccupied = Atomic(false)
  private let state = Mutex(State())

  /// An empty slot.
  public init() {}

  /// The adapters that act on the layer's next call: none when they are merged. Costs one atomic read when the slot is empty.
  var acting: [LowRankAdapter] {
    if !isOccupied.load(ordering: .relaxed) { return [] }
    return state.withLock { state in
      let scoped = state.owner.flatMap { AdapterScope.names[ObjectIdentifier($0)] }
      if state.original != nil {
        if scoped != nil { fatalError("Adapters: merged adapters cannot be switched for a scope; unmerge them first") }
        return []
      }
      let names = scoped ?? state.active
      return names.compactMap { name in state.adapters.first { $0.name == name } }
    }
  }

  /// What stands in place of the layer's own product; `nil` for a layer that multiplies by its weight as it is.
  public var product: (any LayerProduct)? {
    get { isOccupied.load(ordering: .relaxed) ? state.withLock { $0.product } : nil }
    set {
      state.withLock { state in
        state.product = newValue
        isOccupied.store(state.isOccupied, ordering: .relaxed)
      }
    }
  }

  /// `output` with what the acting adapters make of `input`.
  public func adding(to output: Tensor, of input: Tensor) -> Tensor {
    acting.reduce(output) { $1.adding(to: $0, of: input) }
  }

  /// What a fully connected layer computes: `activation(x Wᵀ + b + …)` with what the acting adapters add; `weight` is as the
  /// layer stores it.
  public func linear(
    _ input: Tensor, weight stored: Tensor, layout: AdaptedWeightLayout = .outputsByInputs, bias: Tensor?,
    activation: Activation = .none
  ) -> Tensor {
    let (acting, product) = (acting, product)
    let isTurned = layout == .inputsByOutputs && product?.ownsWeight != true
    let weight = isTurned ? stored.transposed() : stored
    func own(_ activation: Activation) -> Tensor {
      product?.linear(input, weight: weight, bias: bias, activation: activation)
        ?? input.linear(weight, bias: bias, activation: activation)
    }
    if acting.isEmpty { return own(activation) }
    let output = acting.reduce(own(.none)) { $1.adding(to: $0, of: input) }
    return activation.operation.map { apply($0, output) } ?? output
  }

  /// The product's own state, and the factors and dropouts of all adapters, under PEFT's keys.
  var fields: [ModuleField] {
    if !isOccupied.load(ordering: .relaxed) { return [] }
    let (product, adapters) = state.withLock { ($0.product, $0.adapters) }
    return (product?.fields ?? []) + adapters.flatMap(\.fields)
  }

  func adapter(_ name: String) -> LowRankAdapter? {
    state.withLock { state in state.adapters.first { $0.name == name } }
  }

  func insert(_ adapter: LowRankAdapter) {
    state.withLock { $0.adapters.append(adapter) }
    isOccupied.store(true, ordering: .relaxed)
  }

  func remove(_ name: String) {
    state.withLock { state in
      state.adapters.removeAll { $0.name == name }
      state.active.removeAll { $0 == name }
      isOccupied.store(state.isOccupied, ordering: .relaxed)
    }
  }

  func activate(_ names: [String]) { state.withLock { $0.active = names } }

  /// Takes the slot for an owner; `false` when another's adapters hang here.
  func claim(_ owner: AdapterOwner) -> Bool {
    state.withLock { state in
      if !state.adapters.isEmpty { return state.owner === owner }
      state.owner = owner
      return true
    }
  }

  /// The weight as it was before a merge; `nil` when nothing is merged.
  var original: Tensor? {
    get { state.withLock { $0.original } }
    set { state.withLock { $0.original = newValue } }
  }
}

/// Tells whose adapters a slot holds. Slots keep it alive, so that its identity is not given to another.
final class AdapterOwner: Sendable {}

/// Which adapters act within the current task, where that is not what was activated.
enum AdapterScope {
  /// Names by the owner of the slots.
  @TaskLocal static var names: [ObjectIdentifier: [String]] = [:]
}
