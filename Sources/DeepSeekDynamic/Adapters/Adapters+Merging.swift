import DeepSeekOperators
import DeepSeekTensor
import Synchronization

extension Adapters {
  /// Adds adapters into the weights: those of `names`, or the active ones. Calls then cost what they cost without.
  ///
  /// Sums are made in `float32` (`float64` for such weights) and rounded once to the weight's type. Throws, and changes
  /// nothing, when a merged weight would hold an infinity or a NaN. The weights as they were are kept for ``unmerge()``,
  /// which gives them back bit for bit; ``mergeAndRemove(_:)`` keeps nothing.
  public func merge(_ names: [String]? = nil) throws(AdapterError) {
    let (known, active, merged) = state.withLock { ($0.configurations.map(\.name), $0.active, $0.merged) }
    let names = names ?? active
    for name in names where !known.contains(name) { throw .unknownAdapter(name, known: known) }
    if !merged.isEmpty { throw .merged(names: merged) }
    var changed: [any AdaptableLayer] = []
    // By the weight, since two layers may share one.
    var weights: [ObjectIdentifier: Tensor] = [:]
    for (key, layer) in layers {
      let adapters = names.compactMap { layer.adapters.adapter($0) }
      if adapters.isEmpty { continue }
      if layer.adapters.product != nil { throw .replacedProduct(layer: key) }
      let identity = ObjectIdentifier(layer.weight)
      let weight = noGradient { Adapters.merged(weights[identity] ?? layer.weight.value, adapters) }
      if !noGradient({ weight.isFinite().all().item(as: Bool.self) }) { throw .notFinite(layer: key) }
      weights[identity] = weight
      changed.append(layer)
    }
    apply(names)
    for layer in changed { layer.adapters.original = layer.weight.value }
    for layer in changed { layer.weight.value = weights[ObjectIdentifier(layer.weight)]! }
    state.withLock { $0.merged = names }
  }

  private static func merged(_ weight: Tensor, _ adapters: [LowRankAdapter]) -> Tensor {
    let wide = weight.converted(to: weight.dtype == .float64 ? .float64 : .float32)
    return adapters.reduce(wide) { $0 + $1.delta }.converted(to: weight.dtype)
  }

  /// Gives the weights back as they were before ``merge(_:)``, bit for bit.
  public func unmerge() {
    for (_, layer) in layers {
      guard let original = layer.adapters.original else { continue }
      layer.weight.value = original
      layer.adapters.original = nil
    }
    state.withLock { $0.merged = [] }
  }

  /// Adds adapters into the weights, those of `names` or the active ones, and removes all adapters: a plain model is left,
  /// with the biases and whole modules that they trained, and with gradients wanted as before the first.
  public func mergeAndRemove(_ names: [String]? = nil) throws(AdapterError) {
    if mergedNames.isEmpty { try merge(names) }
    for (_, layer) in layers { layer.adapters.original = nil }
    let all = self.names
    state.withLock { $0.merged = [] }
    forget(all, keepingWholeModules: true)
    apply([])
  }
}
