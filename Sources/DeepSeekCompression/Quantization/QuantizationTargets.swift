import DeepSeekDynamic
import DeepSeekTensor

/// A layer that may be quantized.
struct QuantizationTarget {
  let name: String
  let layer: any AdaptableLayer

  var isTable: Bool { layer.weightLayout == .table }
}

extension QuantizationConfig {
  /// The layers of a model that are to be quantized, and those that are not, with the reason.
  func targets(
    of model: any Module
  ) throws(QuantizationError) -> (targets: [QuantizationTarget], leftOut: [QuantizationReport.LeftOut]) {
    var owners: [ObjectIdentifier: [String]] = [:]
    for named in model.namedParameters(keepingDuplicates: true) {
      owners[ObjectIdentifier(named.parameter), default: []].append(named.name)
    }
    var found: [QuantizationTarget] = []
    var leftOut: [QuantizationReport.LeftOut] = []
    for (name, module) in model.namedModules() {
      guard let layer = module as? any AdaptableLayer else { continue }
      if layer.quantizedProduct != nil { throw .quantized(layer: name) }
      let others = (owners[ObjectIdentifier(layer.weight)] ?? []).filter { $0 != ModuleField.joined(name, "weight") }
      if let reason = obstacle(name, layer, sharedWith: others) {
        leftOut.append(.init(name: name, reason: reason))
      } else {
        found.append(QuantizationTarget(name: name, layer: layer))
      }
    }
    if found.isEmpty { throw .nothingToQuantize(reasons: leftOut.map { "\($0.name): \($0.reason)" }) }
    return (found, leftOut)
  }

  private func obstacle(_ name: String, _ layer: any AdaptableLayer, sharedWith others: [String]) -> String? {
    let isTable = layer.weightLayout == .table
    if isTable && embeddingBits == nil { return "a table, which embedding_bits leaves as it is" }
    if ignored.contains(where: { LoRAConfiguration.selects($0, name) }) { return "ignored" }
    if !targets.isEmpty && !targets.contains(where: { LoRAConfiguration.selects($0, name) }) { return "no target" }
    if let other = others.first { return "its weight is also '\(other)'" }
    if layer.adapters.product != nil { return "its product is replaced already" }
    if layer.weight.transform != nil { return "its weight is masked or transformed; finish that first" }
    if layer.weightLayout == .inputsByOutputs { return "its weight lies the other way" }
    let spec = layer.weight.spec
    if !spec.dtype.isFloatingPoint { return "its weight is \(spec.dtype)" }
    return format(of: layer).obstacle(outputs: spec.shape[0], inputs: spec.shape[1])
  }

  /// How a layer's weight is to be kept.
  func format(of layer: any AdaptableLayer) -> WeightFormat {
    var format = WeightFormat(self)
    if layer.weightLayout == .table, let embeddingBits { format.bits = embeddingBits }
    return format
  }
}
