import DeepSeekTensor
import Synchronization

/// A model's adapters: small trained additions to some of its layers, while its own weights stay as they are.
///
/// ```swift
/// let adapters = try Adapters(model, LoRAConfiguration(rank: 8, targets: .names(["query", "value"])))
/// let optimizer = Optimizer(model, AdamW(learningRate: 1e-4))  // moves the adapter alone
/// …
/// let plain = adapters.withoutAdapters { model(x) }  // the model as it was
/// try adapters.merge()                               // as fast as without
/// ```
///
/// The model is changed in place and keeps its type and its keys; the adapters' factors are fields of their layers, under
/// PEFT's keys (`query.lora_A.default.weight`). Several adapters, each under its name, can hang on one model; those that are
/// active add up; of biases and modules that adapters train whole, the first active one's count.
///
/// Adding the first freezes the model's own weights: they get no gradients, and optimizers keep nothing for them. A model has
/// one `Adapters`; it may be used from several threads, but adding, activating and merging are for when no one computes.
public final class Adapters: Sendable {
  struct State {
    var configurations: [(name: String, configuration: LoRAConfiguration)] = []
    var active: [String] = []
    var isTraining = true
    var merged: [String] = []
    var saved: [SavedParameter] = []
    /// Whether each of the model's own weights wanted gradients before the first adapter came.
    var trainability: [(parameter: Parameter, isTrainable: Bool)] = []
  }

  /// The model.
  public let model: any Module
  /// Layers that can be adapted, with their keys.
  package let layers: [(key: String, layer: any AdaptableLayer)]
  let owner = AdapterOwner()
  let state = Mutex(State())

  /// No adapters yet. Traps when the model has some that another `Adapters` put there.
  public init(_ model: any Module) {
    self.model = model
    layers = model.namedModules().compactMap { name, module in (module as? any AdaptableLayer).map { (name, $0) } }
    for (key, layer) in layers where !layer.adapters.claim(owner) {
      fatalError("Adapters: '\(key)' has adapters already; use the Adapters that put them there")
    }
  }

  /// One adapter, which is active.
  public convenience init(
    _ model: any Module, _ configuration: LoRAConfiguration, named name: String = Adapters.defaultName
  ) throws(AdapterError) {
    self.init(model)
    try add(configuration, named: name)
  }

  /// The name of an adapter that is given none, as PEFT has it.
  public static let defaultName = "default"

  /// The adapters' names, in the order in which they came.
  public var names: [String] { state.withLock { $0.configurations.map(\.name) } }
  /// The names of those that act.
  public var activeNames: [String] { state.withLock { $0.active } }
  /// The names of those that are merged into the weights.
  public var mergedNames: [String] { state.withLock { $0.merged } }

  /// What an adapter is made like; `nil` when there is none of this name.
  public func configuration(of name: String) -> LoRAConfiguration? {
    state.withLock { state in state.configurations.first { $0.name == name }?.configuration }
  }

  /// The keys of the layers that have an adapter of this name.
  public func adaptedLayers(of name: String) -> [String] { adapted(name).map(\.key) }

  func adapted(_ name: String) -> [(key: String, layer: any AdaptableLayer, adapter: LowRankAdapter)] {
    layers.compactMap { key, layer in layer.adapters.adapter(name).map { (key, layer, $0) } }
  }

  /// Adds an adapter, whose random start comes from the current ``RandomGenerator``, and returns the keys of the layers that
  /// got it. The first is active; a later one waits for ``activate(_:isTraining:)``.
  ///
  /// Throws when the configuration selects nothing or cannot be; then nothing was changed.
  @discardableResult
  public func add(
    _ configuration: LoRAConfiguration, named name: String = Adapters.defaultName
  ) throws(AdapterError) -> [String] {
    try configuration.validate()
    let chosen = try configuration.layers(of: layers)
    try add(configuration, named: name, to: chosen)
    return chosen.map(\.key)
  }

  /// As above, to these layers, whatever the configuration selects.
  package func add(
    _ configuration: LoRAConfiguration, named name: String, to chosen: [(key: String, layer: any AdaptableLayer)]
  ) throws(AdapterError) {
    if name.isEmpty || name.contains(".") {
      throw .invalidName(name, reason: "cannot be part of a key: it is empty or has a point")
    }
    let (known, merged) = state.withLock { ($0.configurations.map(\.name), $0.merged) }
    if known.contains(name) { throw .invalidName(name, reason: "is taken") }
    if !merged.isEmpty { throw .merged(names: merged) }
    let whole = try savedParameters(configuration, chosen.map(\.key))
    if known.isEmpty {
      let own = model.parameters().map { (parameter: $0, isTrainable: $0.isTrainable) }
      state.withLock { $0.trainability = own }
    }
    let isTraining = isModelTraining
    for (key, layer) in chosen {
      let adapter = LowRankAdapter(name, configuration, layer, key: key)
      adapter.dropout.mode.isTraining = isTraining
      layer.adapters.insert(adapter)
    }
    state.withLock { state in
      for (key, parameter) in whole {
        let slot = state.saved.first { $0.parameter === parameter } ?? SavedParameter(key, parameter, owner: owner)
        slot.add(name)
        if !state.saved.contains(where: { $0 === slot }) { state.saved.append(slot) }
      }
      state.configurations.append((name, configuration))
    }
    apply(known.isEmpty ? [name] : activeNames)
  }

  /// Whether the model is in training; one without any part that tells counts as such.
  private var isModelTraining: Bool {
    var modes: [Bool] = []
    model.visitFields { _, content in
      if case .mode(let mode) = content { modes.append(mode.isTraining) }
    }
    return modes.isEmpty || modes.contains(true)
  }

  /// What an adapter trains of the model's own: what lies below its whole modules, and biases.
  private func savedParameters(
    _ configuration: LoRAConfiguration, _ layers: [String]
  ) throws(AdapterError) -> [(key: String, parameter: Parameter)] {
    let modules = configuration.modulesToSave
    let known = modules.isEmpty ? [] : model.namedModules().map(\.name)
    for name in modules where !known.contains(where: { LoRAConfiguration.selects(name, $0) }) {
      throw .unknownModule(name)
    }
    let biases = Set(configuration.bias == .adapted ? layers.map { ModuleField.joined($0, "bias") } : [])
    return model.namedParameters().filter { named in
      LoRAConfiguration.isWithin(modules, named.name) || biases.contains(named.name)
        || configuration.bias == .all && LoRAConfiguration.selects("bias", named.name)
    }.map { ($0.name, $0.parameter) }
  }

  /// Lets these adapters act, their sum when they are several, and no others. Their factors, biases and whole modules want
  /// gradients when `isTraining`.
  public func activate(_ names: [String], isTraining: Bool = true) throws(AdapterError) {
    let (known, merged) = state.withLock { ($0.configurations.map(\.name), $0.merged) }
    for name in names where !known.contains(name) { throw .unknownAdapter(name, known: known) }
    if !merged.isEmpty { throw .merged(names: merged) }
    state.withLock { $0.isTraining = isTraining }
    apply(names)
  }

  /// Lets one adapter act, and no others.
  public func activate(_ name: String, isTraining: Bool = true) throws(AdapterError) {
    try activate([name], isTraining: isTraining)
  }

  /// Removes an adapter. With the last one gone, the model's own weights want gradients as they did before.
  public func remove(_ name: String) throws(AdapterError) {
    let (known, merged) = state.withLock { ($0.configurations.map(\.name), $0.merged) }
    if !known.contains(name) { throw .unknownAdapter(name, known: known) }
    if !merged.isEmpty { throw .merged(names: merged) }
    forget([name], keepingWholeModules: false)
    apply(activeNames.filter { $0 != name })
  }

  /// Calls `body` with these adapters in place of those that are active, in this task alone.
  public func withAdapters<Result>(_ names: [String], _ body: () throws -> Result) rethrows -> Result {
    let known = self.names
    for name in names where !known.contains(name) {
      fatalError("\(AdapterError.unknownAdapter(name, known: known))")
    }
    var scope = AdapterScope.names
    scope[ObjectIdentifier(owner)] = names
    return try AdapterScope.$names.withValue(scope, operation: body)
  }

  /// Calls `body` with the model as it is without adapters, in this task alone.
  public func withoutAdapters<Result>(_ body: () throws -> Result) rethrows -> Result { try withAdapters([], body) }

  /// Drops adapters' factors and values.
  func forget(_ names: [String], keepingWholeModules: Bool) {
    for name in names {
      for (_, layer, _) in adapted(name) { layer.adapters.remove(name) }
    }
    state.withLock { state in
      state.configurations.removeAll { names.contains($0.name) }
      let isLast = state.configurations.isEmpty
      state.saved.removeAll { slot in
        let isNeeded = isLast && keepingWholeModules ? false : names.map { slot.remove($0) }.last ?? true
        if !isNeeded { slot.detach() }
        return !isNeeded
      }
    }
  }

  /// Makes these adapters the active ones, and gives every weight the gradients it should have.
  func apply(_ names: [String]) {
    state.withLock { state in
      state.active = names
      if state.configurations.isEmpty {
        for (parameter, isTrainable) in state.trainability { parameter.isTrainable = isTrainable }
        state.trainability = []
        return
      }
      for (parameter, _) in state.trainability { parameter.isTrainable = false }
      for slot in state.saved {
        let isActive = slot.activate(names)
        slot.parameter.isTrainable = isActive && state.isTraining
      }
      for (_, layer) in layers { layer.adapters.activate(names) }
      for (name, _) in state.configurations {
        let isTrained = state.isTraining && names.contains(name)
        for (_, _, adapter) in adapted(name) { adapter.setTrainable(isTrained) }
      }
    }
  }
}
