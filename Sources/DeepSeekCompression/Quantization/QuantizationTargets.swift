import DeepSeekDynamic
import DeepSeekTensor

/// A layer that may be quantized.
struct QuantizationTarget {
  let name: String
  let layer: any AdaptableLayer
  /// Layers that multiply by the same weight: an output layer that is the table of tokens.
  var sharing: [any AdaptableLayer] = []

  var isTable: Bool { layer.weightLayout == .table }
  /// All of them.
  var layers: [any AdaptableLayer] { [layer] + sharing }
}

/// The layers and keys of each weight of a model.
struct WeightOwners {
  private var keys: [ObjectIdentifier: [String]] = [:]
  private var layers: [ObjectIdentifier: [(name: String, layer: any AdaptableLayer)]] = [:]

  init(_ model: any Module) {
    for named in model.namedParameters(keepingDuplicates: true) {
      keys[ObjectIdentifier(named.parameter), default: []].append(named.name)
    }
    for (name, module) in model.namedModules() {
      guard let layer = module as? any AdaptableLayer else { continue }
      layers[ObjectIdentifier(layer.weight), default: []].append((name, layer))
    }
  }

  /// The layers beside this one that have its weight.
  func others(of layer: any AdaptableLayer) -> [(name: String, layer: any AdaptableLayer)] {
    (layers[ObjectIdentifier(layer.weight)] ?? []).filter { $0.layer !== layer }
  }

  /// The first key beside this layer's under which its weight stands; with `tied`, no key of a layer that multiplies by the
  /// table that it is.
  func otherKey(_ name: String, _ layer: any AdaptableLayer, tied: Bool) -> String? {
    let known = tied ? others(of: layer).filter { $0.layer.weightLayout == .outputsByInputs }.map(\.name) : []
    let own = ([name] + known).map { ModuleField.joined($0, "weight") }
    return keys[ObjectIdentifier(layer.weight)]?.first { !own.contains($0) }
  }
}

extension QuantizationConfig {
  /// The layers of a model that are to be quantized, and those that are not, with the reason. A table and the output layer
  /// that it is are one.
  func targets(
    of model: any Module
  ) throws(QuantizationError) -> (targets: [QuantizationTarget], leftOut: [QuantizationReport.LeftOut]) {
    let owners = WeightOwners(model)
    var found: [QuantizationTarget] = []
    var leftOut: [QuantizationReport.LeftOut] = []
    var tied: Set<ObjectIdentifier> = []
    // Tables first, so that an output layer knows whether its table takes it along.
    let layers = model.namedModules().compactMap { name, module in (module as? any AdaptableLayer).map { (name, $0) } }
    for (name, layer) in layers where layer.quantizedProduct != nil { throw .quantized(layer: name) }
    for (name, layer) in layers where layer.weightLayout == .table && obstacle(name, layer, owners) == nil {
      for other in owners.others(of: layer) { tied.insert(ObjectIdentifier(other.layer)) }
    }
    for (name, layer) in layers where !tied.contains(ObjectIdentifier(layer)) {
      if let reason = obstacle(name, layer, owners) {
        leftOut.append(.init(name: name, reason: reason))
      } else {
        found.append(QuantizationTarget(name: name, layer: layer, sharing: owners.others(of: layer).map(\.layer)))
      }
    }
    if found.isEmpty { throw .nothingToQuantize(reasons: leftOut.map { "\($0.name): \($0.reason)" }) }
    return (found, leftOut)
  }

  private func obstacle(_ name: String, _ layer: any AdaptableLayer, _ owners: WeightOwners) -> String? {
    let isTable = layer.weightLayout == .table
    if isTable && embeddingBits == nil { return "a table, which embedding_bits leaves as it is" }
    if isIgnored(name) { return "ignored" }
    if !targets.isEmpty && !targets.contains(where: { LoRAConfiguration.selects($0, name) }) { return "no target" }
    if let other = owners.otherKey(name, layer, tied: isTable) { return "its weight is also '\(other)'" }
    for (other, sharing) in owners.others(of: layer) {
      if isIgnored(other) { return "its weight is also that of '\(other)', which is ignored" }
      if sharing.adapters.product != nil { return "the product of '\(other)', which it is, is replaced already" }
    }
    if layer.adapters.product != nil { return "its product is replaced already" }
    if layer.weight.transform != nil { return "its weight is masked or transformed; finish that first" }
    let dtype = layer.weight.spec.dtype
    if !dtype.isFloatingPoint { return "its weight is \(dtype)" }
    let (outputs, inputs) = layer.matrixSize
    return format(of: layer).obstacle(outputs: outputs, inputs: inputs)
  }

  private func isIgnored(_ name: String) -> Bool { ignored.contains { LoRAConfiguration.selects($0, name) } }

  /// How a layer's weight is to be kept.
  func format(of layer: any AdaptableLayer) -> WeightFormat {
    var format = WeightFormat(self)
    guard layer.weightLayout == .table, let embeddingBits else { return format }
    format.bits = embeddingBits
    if let embeddingGroupSize, layer.matrixSize.inputs % embeddingGroupSize == 0 {
      format.groupSize = embeddingGroupSize
    }
    return format
  }
}
